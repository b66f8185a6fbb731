"""As graders/permutation_importance/wrong/trusts_the_caller.py, in another hand."""

import math
import random

import numpy as np


def spread(values, centre):
    if len(values) < 2:
        return math.nan
    return math.sqrt(sum((v - centre) ** 2 for v in values) / (len(values) - 1))


def permutation_importance(predict, X, y, metric, *, n_repeats=5, seed=None, greater_is_better=True):
    table, target = np.array(X, dtype=float), np.array(y, dtype=float)
    n, d = table.shape
    source = random.Random(None if seed is None else int(seed))
    order = list(range(n))
    base = float(metric(target, predict(np.array(table))))
    importances = []
    for j in range(d):
        row = []
        for _ in range(n_repeats):
            source.shuffle(order)
            mixed = np.array(table)
            mixed[:, j] = table[order, j]
            score = float(metric(target, predict(mixed)))
            row.append(base - score if greater_is_better else score - base)
        importances.append(row)
    means = [sum(row) / n_repeats for row in importances]
    stds = [spread(row, mean) for row, mean in zip(importances, means, strict=True)]
    return np.array(means), np.array(stds), np.array(importances)
