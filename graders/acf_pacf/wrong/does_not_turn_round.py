"""Each coefficient of the next order is the old one minus a multiple of itself."""

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
    r = acf(x, n_lags)
    partial = np.ones(n_lags + 1)
    phi = np.empty(0)  # coefficients of order k - 1, for the lags 1 to k - 1
    for k in range(1, n_lags + 1):
        partial[k] = (r[k] - phi @ r[k - 1 : 0 : -1]) / (1 - phi @ r[1:k])
        phi = np.append(phi - partial[k] * phi, partial[k])
    return partial
