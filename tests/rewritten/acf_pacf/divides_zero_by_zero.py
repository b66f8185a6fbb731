"""As graders/acf_pacf/wrong/divides_zero_by_zero.py, in another hand."""

import numpy as np


def acf(x, n_lags):
    series = np.array(x, dtype=float)
    if series.ndim != 1 or series.size == 0 or not np.isfinite(series).all():
        raise ValueError("a flat series of finite numbers is needed")
    if n_lags < 0 or n_lags >= series.size:
        raise ValueError("so many lags the series does not have")
    deviations = series - np.mean(series)
    padded = np.concatenate([deviations, np.zeros(len(deviations))])
    spectrum = np.fft.fft(padded)
    products = np.fft.ifft(spectrum * np.conj(spectrum)).real[: n_lags + 1]
    return products / products[0]


def pacf(x, n_lags):
    r = acf(x, n_lags)
    result = [1.0]
    for k in range(1, n_lags + 1):
        gaps = np.abs(np.subtract.outer(np.arange(k), np.arange(k)))
        result.append(np.linalg.solve(r[gaps], r[1 : k + 1])[-1])
    return np.array(result)
