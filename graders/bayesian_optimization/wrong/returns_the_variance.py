"""The second array is the variance."""

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.special import ndtr

CAUGHT_BY = ("test_posterior", "test_noise", "test_unusual_data", "test_arguments_stay_as_they_were")


def gp_posterior(X, y, X_new, *, length_scale=1.0, variance=1.0, noise=1e-6):
    X, y, X_new = (np.asarray(part, dtype=np.float64) for part in (X, y, X_new))
    if X.ndim != 2 or X_new.ndim != 2 or X.shape[1] != X_new.shape[1] or y.shape != (len(X),):
        raise ValueError(f"shapes do not fit: {X.shape}, {y.shape} and {X_new.shape}")
    if not (length_scale > 0 and variance > 0 and noise > 0):
        raise ValueError("length_scale, variance and noise must be above 0")
    if not len(X):
        return np.zeros(len(X_new)), np.full(len(X_new), float(variance))

    def kernel(A, B):
        return variance * np.exp(-((A[:, None] - B) ** 2).sum(axis=2) / (2 * length_scale**2))

    across = kernel(X, X_new)  # (n, m)
    factor = cho_factor(kernel(X, X) + noise * np.eye(len(X)), lower=True)
    explained = (across * cho_solve(factor, across)).sum(axis=0)
    return across.T @ cho_solve(factor, y), np.maximum(variance - explained, 0.0)


def expected_improvement(mean, std, best, *, xi=0.0):
    mean, std = np.asarray(mean, dtype=np.float64), np.asarray(std, dtype=np.float64)
    gain = best - xi - mean
    z = gain / np.where(std > 0, std, 1.0)
    uncertain = gain * ndtr(z) + std * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return np.maximum(np.where(std > 0, uncertain, gain), 0.0)


def minimize(f, bounds, *, n_calls=30, n_initial=6, seed=None):
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
