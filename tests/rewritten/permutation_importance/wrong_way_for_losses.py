"""As graders/permutation_importance/wrong/wrong_way_for_losses.py, in another hand."""

import numpy as np


def permutation_importance(predict, X, y, metric, *, n_repeats=5, seed=None, greater_is_better=True):
    table, target = np.array(X), np.array(y)
    if table.ndim != 2 or target.ndim != 1 or len(table) != len(target) or table.size == 0:
        raise ValueError("X must be a table with a target for each row")
    if n_repeats < 1:
        raise ValueError("one repeat or more is needed")
    d = table.shape[1]
    rng = np.random.default_rng(seed)

    def evaluate(data):
        return float(metric(target, predict(data)))

    start = evaluate(table.copy())
    result = np.zeros((d, n_repeats))
    for r in range(n_repeats):
        for j in range(d):
            data = table.copy()
            rng.shuffle(data[:, j])
            result[j, r] = start - evaluate(data)
    spread = np.std(result, axis=1, ddof=1) if n_repeats > 1 else np.array([np.nan] * d)
    return np.mean(result, axis=1), spread, result
