"""As graders/acf_pacf/wrong/regresses_on_the_past.py, in another hand."""

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
    result = acf(x, n_lags)
    series = np.array(x, dtype=float)
    if series.min() == series.max():
        return result
    for k in range(1, n_lags + 1):
        windows = np.lib.stride_tricks.sliding_window_view(series, k + 1)
        past = np.insert(windows[:, :k], 0, 1.0, axis=1)
        result[k] = np.linalg.lstsq(past, windows[:, k], rcond=None)[0][1]
    return result
