"""The autocorrelation at lag k is the correlation coefficient of the pairs (x_t, x_t+k)."""

import numpy as np

CAUGHT_BY = ("test_trend", "test_autocorrelation")


def acf(x, n_lags):
    x = np.asarray(x, dtype=np.float64)
    if x.ndim != 1 or not len(x) or not np.isfinite(x).all():
        raise ValueError(f"x must be a series of finite numbers, found shape {x.shape}")
    if not 0 <= n_lags < len(x):
        raise ValueError(f"n_lags must be from 0 to {len(x) - 1}, found {n_lags}")
    if (x == x[0]).all():
        return np.eye(1, n_lags + 1)[0]
    found = np.ones(n_lags + 1)
    for lag in range(1, n_lags + 1):
        head, tail = x[:-lag] - x[:-lag].mean(), x[lag:] - x[lag:].mean()
        scale = np.sqrt(head @ head * (tail @ tail))
        found[lag] = head @ tail / scale if scale > 0 else 0.0
    return found


def pacf(x, n_lags):
    r = acf(x, n_lags)
    partial = np.ones(n_lags + 1)
    phi = np.empty(0)  # coefficients of order k - 1, for the lags 1 to k - 1
    for k in range(1, n_lags + 1):
        partial[k] = (r[k] - phi @ r[k - 1 : 0 : -1]) / (1 - phi @ r[1:k])
        phi = np.append(phi - partial[k] * phi[::-1], partial[k])
    return partial
