"""As graders/permutation_importance/wrong/shuffles_labels.py, in another hand."""

import numpy as np


def permutation_importance(predict, X, y, metric, *, n_repeats=5, seed=None, greater_is_better=True):
    table, target = np.array(X), np.array(y)
    if table.ndim != 2 or target.ndim != 1 or len(table) != len(target) or table.size == 0:
        raise ValueError("X must be a table with a target for each row")
    if n_repeats < 1:
        raise ValueError("one repeat or more is needed")
    d = table.shape[1]
    rng = np.random.default_rng(seed)

    def quality(labels):
        return float(metric(labels, predict(table.copy())))

    start = quality(target)
    drops = np.zeros((d, n_repeats))
    for r in range(n_repeats):
        for j in range(d):
            drops[j, r] = start - quality(rng.permutation(target))
    if not greater_is_better:
        drops = -drops
    spread = np.std(drops, axis=1, ddof=1) if n_repeats > 1 else np.array([np.nan] * d)
    return np.mean(drops, axis=1), spread, drops
