"""Bayesian optimization: a Gaussian process, expected improvement, and the loop that uses both."""

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.special import ndtr


def gp_posterior(X, y, X_new, *, length_scale=1.0, variance=1.0, noise=1e-6):
    """Mean and standard deviation of a function at new points, given noisy values at others.

    The prior has mean 0 and the kernel ``k(a, b) = variance * exp(-|a - b|**2 / (2 * length_scale**2))``; each y is the
    function's value plus independent noise of variance `noise`.

    Parameters
    ----------
    X : array-like of shape (n, d)
        Points with known values; n may be 0.
    y : array-like of shape (n,)
    X_new : array-like of shape (m, d)
    length_scale, variance : float, default 1.0
        Above 0.
    noise : float, default 1e-6
        Variance of the noise, above 0.

    Returns
    -------
    mean, std : ndarray of shape (m,), float64
        Of the function itself: the noise of a further measurement is not part of the standard deviation.

    Raises
    ------
    ValueError
        Shapes do not fit, or a parameter is not above 0.

    References
    ----------
    Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, equations 2.25 and 2.26.

    Examples
    --------
    >>> mean, std = gp_posterior([[0.0]], [2.0], [[0.0], [9.0]], noise=1.0)
    >>> mean.round(6).tolist(), std.round(6).tolist()
    ([1.0, 0.0], [0.707107, 1.0])
    """
    X, y, X_new = (np.asarray(part, dtype=np.float64) for part in (X, y, X_new))
    if X.ndim != 2 or X_new.ndim != 2 or X.shape[1] != X_new.shape[1] or y.shape != (len(X),):
        raise ValueError(f"shapes do not fit: {X.shape}, {y.shape} and {X_new.shape}")
    if not (length_scale > 0 and variance > 0 and noise > 0):
        raise ValueError("length_scale, variance and noise must be above 0")
    if not len(X):
        return np.zeros(len(X_new)), np.full(len(X_new), np.sqrt(variance))

    def kernel(A, B):
        return variance * np.exp(-((A[:, None] - B) ** 2).sum(axis=2) / (2 * length_scale**2))

    across = kernel(X, X_new)  # (n, m)
    factor = cho_factor(kernel(X, X) + noise * np.eye(len(X)), lower=True)
    explained = (across * cho_solve(factor, across)).sum(axis=0)
    return across.T @ cho_solve(factor, y), np.sqrt(np.maximum(variance - explained, 0.0))


def expected_improvement(mean, std, best, *, xi=0.0):
    """Expected value of ``max(best - xi - f, 0)`` for a normally distributed f: how much a look there promises.

    Parameters
    ----------
    mean, std : array-like of shape (m,)
        Of f; where `std` is 0, f is the mean for sure.
    best : float
        The lowest value so far.
    xi : float, default 0.0
        By how much a value must be lower to count.

    Returns
    -------
    ndarray of shape (m,), float64
        ``(best - xi - mean) * Phi(z) + std * phi(z)`` with ``z = (best - xi - mean) / std``; never negative.

    References
    ----------
    Jones, Schonlau and Welch, Efficient Global Optimization of Expensive Black-Box Functions, 1998, equation 15.

    Examples
    --------
    >>> expected_improvement([1.0, 0.0, 5.0], [0.0, 1.0, 0.0], 3.0).round(5).tolist()
    [2.0, 3.00038, 0.0]
    """
    mean, std = np.asarray(mean, dtype=np.float64), np.asarray(std, dtype=np.float64)
    gain = best - xi - mean
    z = gain / np.where(std > 0, std, 1.0)
    uncertain = gain * ndtr(z) + std * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return np.maximum(np.where(std > 0, uncertain, gain), 0.0)


def minimize(f, bounds, *, n_calls=30, n_initial=6, seed=None):
    """Look for the lowest value of a function within a box, in few calls.

    The first `n_initial` points are random; each further one is where the expected improvement is large, by a Gaussian
    process that was given all points so far.

    Parameters
    ----------
    f : callable
        Takes a float64 array of shape (d,), returns a finite number.
    bounds : sequence of d pairs
        Finite, the lower end first.
    n_calls : int, default 30
        How often f is called, the first points included.
    n_initial : int, default 6
        From 1 to `n_calls`.
    seed : int, optional
        With the same one the points are the same. The state of numpy's global generator is neither used nor changed.

    Returns
    -------
    x : ndarray of shape (d,), float64
        The best of the points at which f was called.
    value : float
        What f returned there.

    Raises
    ------
    ValueError
        Bounds or numbers are out of range; f is not called then.

    Examples
    --------
    >>> x, value = minimize(lambda x: (x[0] - 30) ** 2, [(0, 100)], n_calls=15, seed=1)
    >>> bool(abs(x[0] - 30) < 2), bool(value == (x[0] - 30) ** 2)
    (True, True)
    """
    bounds = np.asarray(bounds, dtype=np.float64)
    if bounds.ndim != 2 or bounds.shape[1] != 2 or not len(bounds) or not np.isfinite(bounds).all():
        raise ValueError("bounds must be pairs of finite numbers")
    if not (bounds[:, 0] < bounds[:, 1]).all() or not 1 <= n_initial <= n_calls:
        raise ValueError("expected lower ends below upper ends, and n_initial from 1 to n_calls")
    rng, (low, high) = np.random.default_rng(seed), bounds.T
    U, values = rng.random((n_initial, len(bounds))), []  # points as shares of the box
    for i in range(n_calls):
        if i >= n_initial:
            U = np.vstack([U, _most_promising(U, np.array(values), rng)])
        values.append(float(f(low * (1 - U[i]) + high * U[i])))
    best = int(np.argmin(values))
    return low * (1 - U[best]) + high * U[best], values[best]


def _most_promising(U, values, rng):
    spread = values.std()
    y = (values - values.mean()) / (spread if spread > 0 else 1.0)
    near = U[y.argmin()] + rng.normal(size=(200, U.shape[1])) * 0.05
    candidates = np.vstack([rng.random((400, U.shape[1])), near.clip(0, 1)])
    mean, std = gp_posterior(U, y, candidates, length_scale=0.25, variance=1.0, noise=1e-5)
    return candidates[expected_improvement(mean, std, y.min()).argmax()]
