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
    raise NotImplementedError("implement acf")


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
    raise NotImplementedError("implement pacf")
