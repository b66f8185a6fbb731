"""As graders/permutation_importance/wrong/population_deviation.py, in another hand."""

import math
import random

import numpy as np


def spread(values, centre):
    return math.sqrt(sum((v - centre) ** 2 for v in values) / len(values))


def permutation_importance(predict, X, y, metric, *, n_repeats=5, seed=None, greater_is_better=True):
    table, target = np.array(X), np.array(y)
    if table.ndim != 2 or target.ndim != 1 or len(table) != len(target) or table.size == 0:
        raise ValueError("X must be a table with a target for each row")
    if n_repeats < 1:
        raise ValueError("one repeat or more is needed")
    n, d = table.shape
    rng = random.Random(None if seed is None else int(seed))
    order = list(range(n))
    base = float(metric(target, predict(np.array(table))))
    importances = []
    for j in range(d):
        found = []
        for _ in range(n_repeats):
            rng.shuffle(order)
            mixed = np.array(table)
            mixed[:, j] = table[order, j]
            score = float(metric(target, predict(mixed)))
            found.append(base - score if greater_is_better else score - base)
        importances.append(found)
    means = [sum(found) / n_repeats for found in importances]
    stds = [spread(found, mean) for found, mean in zip(importances, means, strict=True)]
    return np.array(means), np.array(stds), np.array(importances)
