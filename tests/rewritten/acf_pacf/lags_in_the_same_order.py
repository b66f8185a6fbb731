"""As graders/acf_pacf/wrong/lags_in_the_same_order.py, in another hand."""

import numpy as np


def acf(x, n_lags):
    series = np.array(x, dtype=float)
    if series.ndim != 1 or series.size == 0 or not np.isfinite(series).all():
        raise ValueError("a flat series of finite numbers is needed")
    if n_lags < 0 or n_lags >= series.size:
        raise ValueError("so many lags the series does not have")
    if series.min() == series.max():
        return np.array([1.0] + [0.0] * n_lags)
    deviations = series - np.mean(series)
    padded = np.concatenate([deviations, np.zeros(len(deviations))])
    spectrum = np.fft.fft(padded)
    products = np.fft.ifft(spectrum * np.conj(spectrum)).real[: n_lags + 1]
    return products / products[0]


def pacf(x, n_lags):
    r = acf(x, n_lags)
    result, coefficients, error = [1.0], [], 1.0
    for k in range(1, n_lags + 1):
        rest = r[k] - sum(c * r[j] for j, c in enumerate(coefficients, start=1))
        last = rest / error
        coefficients = [c - last * d for c, d in zip(coefficients, coefficients[::-1], strict=True)] + [last]
        error *= 1 - last**2
        result.append(last)
    return np.array(result, dtype=float)
