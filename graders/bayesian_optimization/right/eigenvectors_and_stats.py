"""The posterior by eigenvectors, scipy's normal distribution, heavy-tailed steps around the best point."""

import numpy as np
from scipy import stats
from scipy.spatial.distance import cdist


def gp_posterior(X, y, X_new, *, length_scale=1.0, variance=1.0, noise=1e-6):
    X, y, X_new = np.asarray(X, "float64"), np.asarray(y, "float64"), np.asarray(X_new, "float64")
    if not (X.ndim == X_new.ndim == 2 and y.shape == X.shape[:1] and X.shape[1:] == X_new.shape[1:]):
        raise ValueError("shapes")
    if length_scale <= 0 or variance <= 0 or noise <= 0:
        raise ValueError("parameters")
    scale = -0.5 / length_scale**2
    roots, vectors = np.linalg.eigh(variance * np.exp(scale * cdist(X, X, "sqeuclidean")))
    across = variance * np.exp(scale * cdist(X_new, X, "sqeuclidean")) @ vectors
    weights = across / (np.maximum(roots, 0) + noise)
    return weights @ (vectors.T @ y), np.sqrt(np.clip(variance - (weights * across).sum(axis=1), 0, None))


def expected_improvement(mean, std, best, *, xi=0.0):
    mean, std = np.asarray(mean, float), np.asarray(std, float)
    gain = best - mean - xi
    answer = np.clip(gain, 0, None)
    some = std > 0
    z = gain[some] / std[some]
    answer[some] = np.clip(std[some] * (z * stats.norm.cdf(z) + stats.norm.pdf(z)), 0, None)
    return answer


def minimize(f, bounds, *, n_calls=30, n_initial=6, seed=None):
    box = np.array(bounds, dtype=float).reshape(-1, 2)
    if not box.size or not np.isfinite(box).all() or (np.diff(box, axis=1) <= 0).any():
        raise ValueError("bounds")
    if n_initial < 1 or n_calls < n_initial:
        raise ValueError("numbers of calls")
    rng = np.random.RandomState(seed)
    d = len(box)
    seen, values = [], []
    start = rng.uniform(size=(n_initial, d))
    for i in range(n_calls):
        if i < n_initial:
            u = start[i]
        else:
            y = stats.zscore(values) if np.ptp(values) > 0 else np.zeros(i)
            near = seen[int(np.argmin(y))] + 0.04 * rng.standard_t(3, (150, d))
            pool = np.clip(np.concatenate([rng.uniform(size=(300, d)), near]), 0, 1)
            mean, std = gp_posterior(seen, y, pool, length_scale=0.3, noise=1e-4)
            u = pool[np.argmax(expected_improvement(mean, std, y.min(), xi=0.001))]
        seen.append(u)
        values.append(f(box[:, 0] * (1 - u) + box[:, 1] * u))
    place = int(np.argmin(values))
    return box[:, 0] * (1 - seen[place]) + box[:, 1] * seen[place], values[place]
