"""As graders/nested_cv/wrong/best_on_the_outer_fold.py, in another hand."""

import math

import numpy as np


def blocks(rows, k):
    size, extra = divmod(len(rows), k)
    start = 0
    for i in range(k):
        stop = start + size + (i < extra)
        yield rows[:start] + rows[stop:], rows[start:stop]
        start = stop


def nested_cv(fit_and_score, candidates, X, y, *, n_outer=5, n_inner=3):
    X, y = np.asarray(X), np.asarray(y)
    if X.ndim == 0 or y.ndim != 1 or len(X) != len(y):
        raise ValueError("X and y need a row for each sample")
    if len(candidates) == 0:
        raise ValueError("there is nothing to choose from")
    n = len(y)
    if n_outer < 2 or n_outer > n:
        raise ValueError("n_outer does not fit the data")
    if n_inner < 2 or n_inner > n - math.ceil(n / n_outer):
        raise ValueError("n_inner does not fit the data")

    def score(candidate, train, test):
        return float(fit_and_score(candidate, X[train], y[train], X[test], y[test]))

    scores, chosen, table = [], [], []
    for train, test in blocks(list(range(n)), n_outer):
        means = []
        for candidate in candidates:
            results = [score(candidate, fit, check) for fit, check in blocks(train, n_inner)]
            means.append(sum(results) / n_inner)
        finals = [score(candidate, train, test) for candidate in candidates]
        real = [i for i in range(len(candidates)) if not math.isnan(finals[i])]
        if not real:
            raise ValueError("no candidate has a score")
        best = max(real, key=finals.__getitem__)
        scores.append(finals[best])
        chosen.append(best)
        table.append(means)
    return np.array(scores), np.array(chosen), np.array(table)
