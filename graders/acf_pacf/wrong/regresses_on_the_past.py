"""The partial autocorrelation at lag k is the last coefficient of a least-squares regression on the k values before."""

import numpy as np

CAUGHT_BY = ("test_partial_autocorrelation", "test_partial_autocorrelation_of_high_orders")


def acf(x, n_lags):
    x = np.asarray(x, dtype=np.float64)
    if x.ndim != 1 or not len(x) or not np.isfinite(x).all():
        raise ValueError(f"x must be a series of finite numbers, found shape {x.shape}")
    if not 0 <= n_lags < len(x):
        raise ValueError(f"n_lags must be from 0 to {len(x) - 1}, found {n_lags}")
    if (x == x[0]).all():
        return np.eye(1, n_lags + 1)[0]
    centred = x - x.mean()
    size = 1 << int(len(x) + n_lags).bit_length()  # zeros behind the series, or its end would meet its beginning
    power = np.abs(np.fft.rfft(centred, size)) ** 2
    sums = np.fft.irfft(power, size)[: n_lags + 1]
    return np.append(1.0, sums[1:] / sums[0])


def pacf(x, n_lags):
    partial = acf(x, n_lags)
    x = np.asarray(x, dtype=np.float64)
    if (x == x[0]).all():
        return partial
    for k in range(1, n_lags + 1):
        lagged = np.column_stack([np.ones(len(x) - k), *[x[k - j : len(x) - j] for j in range(1, k + 1)]])
        partial[k] = np.linalg.lstsq(lagged, x[k:], rcond=None)[0][-1]
    return partial
