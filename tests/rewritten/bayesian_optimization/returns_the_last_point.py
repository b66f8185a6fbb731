"""As graders/bayesian_optimization/wrong/returns_the_last_point.py, in another hand."""

import math
import statistics

import numpy as np


def gp_posterior(X, y, X_new, *, length_scale=1.0, variance=1.0, noise=1e-6):
    X, y, Z = np.asarray(X, float), np.asarray(y, float), np.asarray(X_new, float)
    if not (length_scale > 0 and variance > 0 and noise > 0):
        raise ValueError("length_scale, variance and noise must be positive")
    if X.ndim != 2 or Z.ndim != 2 or X.shape[1:] != Z.shape[1:] or y.shape != X.shape[:1]:
        raise ValueError("the shapes do not match")
    if X.shape[0] == 0:
        return np.zeros(Z.shape[0]), np.sqrt(variance) * np.ones(Z.shape[0])
    K = _kernel(X, X, length_scale, variance)
    K[np.diag_indices_from(K)] += noise
    k = _kernel(Z, X, length_scale, variance)
    both = np.linalg.solve(K, np.column_stack([y, k.T]))
    left = variance - np.einsum("mn,nm->m", k, both[:, 1:])
    return k @ both[:, 0], np.sqrt(np.where(left > 0, left, 0.0))


def _kernel(A, B, length_scale, variance):
    squared = np.zeros((len(A), len(B)))
    for j in range(A.shape[1]):
        squared += np.subtract.outer(A[:, j], B[:, j]) ** 2
    return variance * np.exp(-squared / 2 / length_scale**2)


def _improvement(mean, std, best, xi):
    gain = best - mean - xi
    if std == 0:
        return max(gain, 0.0)
    z = gain / std
    below = math.erfc(-z / math.sqrt(2)) / 2
    density = math.exp(-min(z * z, 1500.0) / 2) / math.sqrt(2 * math.pi)
    return max(gain * below + std * density, 0.0)


def expected_improvement(mean, std, best, *, xi=0.0):
    mean, std = np.broadcast_arrays(np.asarray(mean, float), np.asarray(std, float))
    found = [_improvement(m, s, best, xi) for m, s in zip(mean.ravel().tolist(), std.ravel().tolist(), strict=True)]
    return np.array(found, dtype=float).reshape(mean.shape)


def _check(bounds, n_calls, n_initial):
    pairs = [(float(low), float(high)) for low, high in bounds]
    if not pairs or any(not math.isfinite(end) for pair in pairs for end in pair):
        raise ValueError("bounds must be finite")
    if any(low >= high for low, high in pairs):
        raise ValueError("a lower end must be below its upper end")
    if not 1 <= n_initial <= n_calls:
        raise ValueError("n_initial must be from 1 to n_calls")
    return np.array(pairs)


def minimize(f, bounds, *, n_calls=30, n_initial=6, seed=None):
    low, high = _check(bounds, n_calls, n_initial).T
    rng = np.random.default_rng(seed)
    history = []
    while len(history) < n_calls:
        u = rng.uniform(size=len(low)) if len(history) < n_initial else _propose(history, rng)
        x = np.minimum(np.maximum((1 - u) * low + u * high, low), high)
        history.append((u, x, float(f(x.copy()))))
    _, x, value = history[-1]
    return x, value


def _propose(history, rng):
    values = [value for _, _, value in history]
    center, spread = statistics.fmean(values), statistics.pstdev(values)
    y = [(value - center) / spread if spread > 0 else 0.0 for value in values]
    U = np.stack([u for u, _, _ in history])
    candidates = rng.uniform(size=(600, U.shape[1]))
    near = U[int(np.argmin(y))] + rng.uniform(-0.1, 0.1, size=(200, U.shape[1]))
    candidates = np.vstack([candidates, np.minimum(np.maximum(near, 0), 1)])
    mean, std = gp_posterior(U, y, candidates, length_scale=0.35, noise=1e-5)
    return candidates[np.argmax(expected_improvement(mean, std, min(y)))]
