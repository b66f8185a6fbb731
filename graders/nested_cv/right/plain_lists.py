"""Lists of row numbers and plain Python arithmetic, the candidates in the outer of the two inner loops turned round."""

import math

import numpy as np


def split(rows, k):
    base, extra = divmod(len(rows), k)
    start = 0
    for i in range(k):
        stop = start + base + (1 if i < extra else 0)
        yield rows[:start] + rows[stop:], rows[start:stop]
        start = stop


def nested_cv(fit_and_score, candidates, X, y, *, n_outer=5, n_inner=3):
    X, y = np.asarray(X), np.asarray(y)
    n = X.shape[0]
    if n != y.shape[0] or not candidates:
        raise ValueError("rows or candidates")
    if not (2 <= n_outer <= n) or not (2 <= n_inner <= n - math.ceil(n / n_outer)):
        raise ValueError("folds")
    scores, chosen, means = [], [], []
    for rest, fold in split(list(range(n)), n_outer):
        sums = [0.0 for _ in candidates]
        for train, test in split(rest, n_inner):
            for c, candidate in enumerate(candidates):
                sums[c] += float(fit_and_score(candidate, X[train], y[train], X[test], y[test]))
        row = [total / n_inner for total in sums]
        best = None
        for c, value in enumerate(row):
            if value == value and (best is None or value > row[best]):
                best = c
        if best is None:
            raise ValueError("NaN")
        chosen.append(best)
        means.append(row)
        scores.append(float(fit_and_score(candidates[best], X[rest], y[rest], X[fold], y[fold])))
    return scores, chosen, means
