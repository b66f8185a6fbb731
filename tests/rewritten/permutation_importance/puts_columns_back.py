"""As graders/permutation_importance/wrong/puts_columns_back.py, in another hand."""

import numpy as np


def permutation_importance(predict, X, y, metric, *, n_repeats=5, seed=None, greater_is_better=True):
    table, target = np.asarray(X), np.asarray(y)
    if table.ndim != 2 or target.ndim != 1 or len(table) != len(target) or table.size == 0:
        raise ValueError("X must be a table with a target for each row")
    if n_repeats < 1:
        raise ValueError("one repeat or more is needed")
    d = table.shape[1]
    rng = np.random.default_rng(seed)

    def quality(data):
        return float(metric(target, predict(data)))

    start = quality(table.copy())
    drops = np.zeros((d, n_repeats))
    for r in range(n_repeats):
        for j in range(d):
            before = table[:, j].copy()
            rng.shuffle(table[:, j])
            drops[j, r] = start - quality(table)
            table[:, j] = before
    if not greater_is_better:
        drops = -drops
    spread = np.std(drops, axis=1, ddof=1) if n_repeats > 1 else np.array([np.nan] * d)
    return np.mean(drops, axis=1), spread, drops
