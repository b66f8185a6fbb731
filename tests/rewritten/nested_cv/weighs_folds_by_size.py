"""As graders/nested_cv/wrong/weighs_folds_by_size.py, in another hand."""

import math

import numpy as np


def split(mask, k):
    for part in np.array_split(np.flatnonzero(mask), k):
        test = np.zeros(mask.size, dtype=bool)
        test[part] = True
        yield mask & ~test, test


def winner(means):
    ranking = [(-mean, place) for place, mean in enumerate(means) if mean == mean]
    if not ranking:
        raise ValueError("all means are NaN")
    return min(ranking)[1]


def nested_cv(fit_and_score, candidates, X, y, *, n_outer=5, n_inner=3):
    X, y = np.array(X), np.array(y)
    if X.ndim == 0 or y.ndim != 1 or len(X) != len(y):
        raise ValueError("X and y need a row for each sample")
    if len(candidates) == 0:
        raise ValueError("there is nothing to choose from")
    n = len(y)
    if n_outer < 2 or n_outer > n:
        raise ValueError("n_outer does not fit the data")
    if n_inner < 2 or n_inner > n - math.ceil(n / n_outer):
        raise ValueError("n_inner does not fit the data")
    means = np.zeros((n_outer, len(candidates)))
    scores = np.zeros(n_outer)
    chosen = np.zeros(n_outer, dtype=int)
    everything = np.ones(n, dtype=bool)
    for o, (rest, fold) in enumerate(split(everything, n_outer)):
        for inside, outside in split(rest, n_inner):
            for c, candidate in enumerate(candidates):
                result = fit_and_score(candidate, X[inside], y[inside], X[outside], y[outside])
                means[o, c] += outside.sum() * result
        means[o] /= rest.sum()
        chosen[o] = winner(means[o])
        scores[o] = fit_and_score(candidates[chosen[o]], X[rest], y[rest], X[fold], y[fold])
    return scores, chosen, means
