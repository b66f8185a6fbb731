"""Marks folds by boolean masks, collects all scores first, and chooses at the end, fold after fold."""

import numpy as np


def nested_cv(fit_and_score, candidates, X, y, *, n_outer=5, n_inner=3):
    X, y = np.array(X), np.array(y)
    n, m = len(X), len(candidates)
    if n != len(y) or m == 0 or n_outer < 2 or n_outer > n or n_inner < 2:
        raise ValueError("sizes")
    outer = numbering(n, n_outer)
    if n_inner > n - np.bincount(outer).max():
        raise ValueError("too many inner folds")
    table = np.zeros((n_outer, m, n_inner))
    for j in range(n_inner):
        for k in range(n_outer):
            outside = outer != k
            inner = np.full(n, -1)
            inner[outside] = numbering(outside.sum(), n_inner)
            train, test = outside & (inner != j), inner == j
            for c in range(m):
                table[k, c, j] = fit_and_score(candidates[c], X[train], y[train], X[test], y[test])
    means = table.mean(axis=2)
    if np.isnan(means).all(axis=1).any():
        raise ValueError("nothing but NaN")
    ranked = np.where(np.isnan(means), -np.inf, means)
    # where only -inf is left, a number goes before NaN
    chosen = [next(c for c in range(m) if means[k, c] == ranked[k].max()) for k in range(n_outer)]
    scores = []
    for k, c in enumerate(chosen):
        out = outer == k
        scores.append(fit_and_score(candidates[c], X[~out], y[~out], X[out], y[out]))
    return np.array(scores, dtype=float), np.array(chosen), means


def numbering(n, k):
    sizes = [n // k + 1] * (n % k) + [n // k] * (k - n % k)
    return np.repeat(np.arange(k), sizes)
