"""As graders/permutation_importance/wrong/seeds_numpy.py, in another hand."""

import numpy as np


def permutation_importance(predict, X, y, metric, *, n_repeats=5, seed=None, greater_is_better=True):
    table, target = np.array(X), np.array(y)
    if table.ndim != 2 or target.ndim != 1 or len(table) != len(target) or table.size == 0:
        raise ValueError("X must be a table with a target for each row")
    if n_repeats < 1:
        raise ValueError("one repeat or more is needed")
    d = table.shape[1]
    if seed is not None:
        np.random.seed(seed)

    def score(data):
        return float(metric(target, predict(data)))

    start = score(table.copy())
    drops = np.zeros((d, n_repeats))
    for r in range(n_repeats):
        for j in range(d):
            data = table.copy()
            np.random.shuffle(data[:, j])
            drops[j, r] = start - score(data)
    if not greater_is_better:
        drops = -drops
    spread = np.std(drops, axis=1, ddof=1) if n_repeats > 1 else np.array([np.nan] * d)
    return np.mean(drops, axis=1), spread, drops
