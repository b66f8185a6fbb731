"""As graders/acf_pacf/wrong/goes_round_in_a_circle.py, in another hand."""

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
    spectrum = np.fft.fft(deviations)
    products = np.fft.ifft(spectrum * np.conj(spectrum)).real[: n_lags + 1]
    return products / products[0]


def pacf(x, n_lags):
    r = acf(x, n_lags)
    result = [1.0]
    for k in range(1, n_lags + 1):
        places = np.abs(np.subtract.outer(np.arange(k), np.arange(k)))
        result.append(np.linalg.solve(r[places], r[1 : k + 1])[-1])
    return np.array(result)
