"""As graders/permutation_importance/wrong/one_order_for_all.py, in another hand."""

import numpy as np


def permutation_importance(predict, X, y, metric, *, n_repeats=5, seed=None, greater_is_better=True):
    table, target = np.array(X), np.array(y)
    if table.ndim != 2 or target.ndim != 1 or len(table) != len(target) or table.size == 0:
        raise ValueError("X must be a table with a target for each row")
    if n_repeats < 1:
        raise ValueError("one repeat or more is needed")
    n, d = table.shape
    rng = np.random.default_rng(seed)

    def quality(data):
        return float(metric(target, predict(data)))

    start = quality(table.copy())
    importances = np.zeros((d, n_repeats))
    for r in range(n_repeats):
        order = rng.permutation(n)
        for j in range(d):
            data = table.copy()
            data[:, j] = data[order, j]
            importances[j, r] = start - quality(data)
    if not greater_is_better:
        importances = -importances
    spread = np.std(importances, axis=1, ddof=1) if n_repeats > 1 else np.array([np.nan] * d)
    return np.mean(importances, axis=1), spread, importances
