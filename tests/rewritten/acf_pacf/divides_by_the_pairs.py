"""As graders/acf_pacf/wrong/divides_by_the_pairs.py, in another hand."""

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
    means = [product / (series.size - k) for k, product in enumerate(products)]
    return np.array(means) / means[0]


def pacf(x, n_lags):
    r = acf(x, n_lags)
    result = [1.0]
    for k in range(1, n_lags + 1):
        places = np.abs(np.subtract.outer(np.arange(k), np.arange(k)))
        result.append(np.linalg.solve(r[places], r[1 : k + 1])[-1])
    return np.array(result)
