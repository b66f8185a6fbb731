"""All products of pairs are summed lag by lag."""

import numpy as np

CAUGHT_BY = ("test_growth", "test_cpu_time")


def acf(x, n_lags):
    x = np.asarray(x, dtype=np.float64)
    if x.ndim != 1 or not len(x) or not np.isfinite(x).all():
        raise ValueError(f"x must be a series of finite numbers, found shape {x.shape}")
    if not 0 <= n_lags < len(x):
        raise ValueError(f"n_lags must be from 0 to {len(x) - 1}, found {n_lags}")
    if (x == x[0]).all():
        return np.eye(1, n_lags + 1)[0]
    centred = x - x.mean()
    sums = np.array([centred[: len(x) - lag] @ centred[lag:] for lag in range(n_lags + 1)])
    return np.append(1.0, sums[1:] / sums[0])


def pacf(x, n_lags):
    r = acf(x, n_lags)
    partial = np.ones(n_lags + 1)
    phi = np.empty(0)  # coefficients of order k - 1, for the lags 1 to k - 1
    for k in range(1, n_lags + 1):
        partial[k] = (r[k] - phi @ r[k - 1 : 0 : -1]) / (1 - phi @ r[1:k])
        phi = np.append(phi - partial[k] * phi[::-1], partial[k])
    return partial
