"""As graders/nested_cv/wrong/one_choice_for_all.py, in another hand."""

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

    table = []
    for train, _ in blocks(list(range(n)), n_outer):
        means = []
        for candidate in candidates:
            results = [score(candidate, fit, check) for fit, check in blocks(train, n_inner)]
            means.append(sum(results) / n_inner)
        table.append(means)
    totals = [sum(column) for column in zip(*table, strict=True)]
    usable = [i for i, total in enumerate(totals) if not math.isnan(total)]
    if not usable:
        raise ValueError("no candidate has a score")
    best = max(usable, key=totals.__getitem__)
    scores = [score(candidates[best], train, test) for train, test in blocks(list(range(n)), n_outer)]
    return np.array(scores), np.full(n_outer, best), np.array(table)
