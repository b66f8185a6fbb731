"""As graders/nested_cv/wrong/trusts_the_caller.py, in another hand."""

import math

import numpy as np


def blocks(rows, k):
    size = len(rows) // k
    for i in range(k):
        start, stop = i * size, (i + 1) * size if i < k - 1 else len(rows)
        yield rows[:start] + rows[stop:], rows[start:stop]


def nested_cv(fit_and_score, candidates, X, y, *, n_outer=5, n_inner=3):
    X, y = np.array(X, dtype=np.float64), np.array(y, dtype=np.float64)
    n = len(y)

    def score(candidate, train, test):
        return float(fit_and_score(candidate, X[train], y[train], X[test], y[test]))

    scores, chosen, table = [], [], []
    for train, test in blocks(list(range(n)), n_outer):
        means = []
        for candidate in candidates:
            results = [score(candidate, fit, check) for fit, check in blocks(train, n_inner)]
            means.append(sum(results) / n_inner)
        best = None
        for i, mean in enumerate(means):
            if not math.isnan(mean) and (best is None or mean > means[best]):
                best = i
        if best is None:
            raise ValueError("no candidate has a score")
        scores.append(score(candidates[best], train, test))
        chosen.append(best)
        table.append(means)
    return np.array(scores), np.array(chosen), np.array(table)
