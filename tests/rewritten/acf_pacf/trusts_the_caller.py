"""As graders/acf_pacf/wrong/trusts_the_caller.py, in another hand."""

import numpy as np


def acf(x, n_lags):
    values = np.array(x, dtype=float)
    if values.min() == values.max():
        return np.array([1.0] + [0.0] * n_lags)
    deviations = values - np.mean(values)
    padded = np.concatenate([deviations, np.zeros(len(deviations))])
    spectrum = np.fft.fft(padded)
    products = np.fft.ifft(spectrum * np.conj(spectrum)).real[: n_lags + 1]
    return products / products[0]


def pacf(x, n_lags):
    r = acf(x, n_lags)
    result, coefficients, error = [1.0], [], 1.0
    for k in range(1, n_lags + 1):
        news = r[k] - sum(c * r[k - j] for j, c in enumerate(coefficients, start=1))
        last = news / error
        coefficients = [c - last * d for c, d in zip(coefficients, coefficients[::-1], strict=True)] + [last]
        error *= 1 - last**2
        result.append(last)
    return np.array(result, dtype=float)
