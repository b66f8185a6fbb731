"""Autocorrelation by FFT, and partial autocorrelation by the recursion of Durbin and Levinson."""

import numpy as np


def acf(x, n_lags):
    """Sample autocorrelation at the lags 0 to n_lags.

    ``r_k = c_k / c_0`` with ``c_k = sum_t (x_t - m) * (x_{t+k} - m) / n``: the sum has n - k terms, the divisor is n at
    every lag, and m is the mean of the whole series.

    Parameters
    ----------
    x : array-like of shape (n,)
        Finite numbers of any real dtype, at least one; they are taken as float64.
    n_lags : int
        The largest lag, from 0 to n - 1.

    Returns
    -------
    ndarray of shape (n_lags + 1,), float64
        The first entry, at lag 0, is 1. Of a constant series all others are 0.

    Raises
    ------
    ValueError
        `x` is empty, has another number of dimensions, or holds NaN or infinity; `n_lags` is out of range.

    References
    ----------
    Box, Jenkins, Reinsel and Ljung, Time Series Analysis, fifth edition, 2015, equations 2.1.11 and 2.1.12.

    Examples
    --------
    >>> [round(value, 4) for value in acf([1, 2, 6], 2).tolist()]
    [1.0, -0.0714, -0.4286]
    """
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
    """Sample partial autocorrelation at the lags 0 to n_lags.

    At lag k it is the last coefficient ``phi_kk`` of the Yule-Walker equations of order k,
    ``sum_j phi_kj * r_|i-j| = r_i`` for i = 1 to k, with `acf` as r; the recursion solves them for one order after
    the other.

    Parameters
    ----------
    x : array-like of shape (n,)
        As for `acf`.
    n_lags : int
        The largest lag, from 0 to n - 1.

    Returns
    -------
    ndarray of shape (n_lags + 1,), float64
        The first entry, at lag 0, is 1. Of a constant series all others are 0.

    Raises
    ------
    ValueError
        As for `acf`.

    References
    ----------
    Durbin, The Fitting of Time-Series Models, Review of the International Statistical Institute 28(3), 1960.

    Examples
    --------
    >>> [round(value, 4) for value in pacf([1, 2, 6], 2).tolist()]
    [1.0, -0.0714, -0.4359]
    """
    r = acf(x, n_lags)
    partial = np.ones(n_lags + 1)
    phi = np.empty(0)  # coefficients of order k - 1, for the lags 1 to k - 1
    for k in range(1, n_lags + 1):
        partial[k] = (r[k] - phi @ r[k - 1 : 0 : -1]) / (1 - phi @ r[1:k])
        phi = np.append(phi - partial[k] * phi[::-1], partial[k])
    return partial
