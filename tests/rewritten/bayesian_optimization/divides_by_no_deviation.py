"""As graders/bayesian_optimization/wrong/divides_by_no_deviation.py, in another hand."""

import numpy as np
from scipy.linalg import cholesky, solve_triangular
from scipy.spatial.distance import cdist
from scipy.stats import norm


def gp_posterior(X, y, X_new, *, length_scale=1.0, variance=1.0, noise=1e-6):
    known = np.array(X, dtype=float)
    values = np.array(y, dtype=float)
    asked = np.array(X_new, dtype=float)
    if known.ndim != 2 or asked.ndim != 2 or values.ndim != 1:
        raise ValueError("X and X_new are tables, y is a list")
    if known.shape[1] != asked.shape[1] or known.shape[0] != values.shape[0]:
        raise ValueError("sizes differ")
    if min(length_scale, variance, noise) <= 0:
        raise ValueError("parameters are positive")
    left = np.full(len(asked), float(variance))
    mean = np.zeros(len(asked))
    if len(known) > 0:
        gram = similarity(known, known, length_scale, variance) + np.diag(np.full(len(known), noise))
        root = cholesky(gram, lower=True)
        between = solve_triangular(root, similarity(known, asked, length_scale, variance), lower=True)
        mean = between.T @ solve_triangular(root, values, lower=True)
        left = left - np.sum(between * between, axis=0)
    return mean, np.sqrt(np.clip(left, 0.0, None))


def similarity(a, b, length_scale, variance):
    return variance * np.exp(-0.5 * (cdist(a, b) / length_scale) ** 2)


def expected_improvement(mean, std, best, *, xi=0.0):
    gain = best - xi - np.asarray(mean, dtype=float)
    std = np.asarray(std, dtype=float)
    z = gain / std
    return np.maximum(gain * norm.cdf(z) + std * norm.pdf(z), 0.0)


def minimize(f, bounds, *, n_calls=30, n_initial=6, seed=None):
    box = np.array(bounds, dtype=float)
    if box.ndim != 2 or box.shape[0] < 1 or box.shape[1] != 2:
        raise ValueError("bounds are pairs")
    if not np.isfinite(box).all() or np.any(box[:, 0] >= box[:, 1]):
        raise ValueError("bounds are finite and in order")
    if n_initial < 1 or n_initial > n_calls:
        raise ValueError("n_initial")
    rng = np.random.default_rng(seed)
    d = len(box)
    strata = np.argsort(rng.random((n_initial, d)), axis=0)
    shares = list((strata + rng.random((n_initial, d))) / n_initial)
    points, values = [], []
    for number in range(n_calls):
        if number == len(shares):
            shares.append(next_share(np.array(shares), np.array(values), rng))
        point = np.clip(box[:, 0] + shares[number] * (box[:, 1] - box[:, 0]), box[:, 0], box[:, 1])
        points.append(point)
        values.append(float(f(point.copy())))
    winner = values.index(min(values))
    return points[winner], values[winner]


def next_share(shares, values, rng):
    centred = values - np.mean(values)
    size = np.sqrt(np.mean(centred**2))
    if size > 0:
        centred = centred / size
    d = shares.shape[1]
    around = shares[np.argmin(values)] + 0.07 * rng.standard_normal((300, d))
    options = np.concatenate([rng.random((700, d)), np.clip(around, 0.0, 1.0)])
    mean, std = gp_posterior(shares, centred, options, length_scale=0.3, noise=1e-5)
    return options[np.argmax(expected_improvement(mean, std, centred.min()))]
