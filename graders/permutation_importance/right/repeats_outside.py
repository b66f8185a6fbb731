"""Loops over the repeats outside and the features inside, permutes row numbers, and computes the spread by hand."""

import math
import random

import numpy as np


def permutation_importance(predict, X, y, metric, *, n_repeats=5, seed=None, greater_is_better=True):
    X, y = np.array(X), np.array(y)
    if np.ndim(X) != 2 or np.ndim(y) != 1:
        raise ValueError("dimensions")
    n, d = X.shape
    if n == 0 or d == 0 or len(y) != n or n_repeats <= 0:
        raise ValueError("sizes")
    generator = random.Random(seed)
    table = [[] for _ in range(d)]
    whole = float(metric(y, predict(np.array(X))))
    for _ in range(n_repeats):
        for j in range(d):
            order = list(range(n))
            generator.shuffle(order)
            columns = [X[order, k] if k == j else X[:, k] for k in range(d)]
            score = float(metric(y, predict(np.stack(columns, axis=1))))
            table[j].append(whole - score if greater_is_better else score - whole)
    means = [sum(row) / n_repeats for row in table]
    if n_repeats == 1:
        return means, [math.nan] * d, table
    spreads = [math.sqrt(sum((v - m) ** 2 for v in row) / (n_repeats - 1)) for row, m in zip(table, means, strict=True)]
    return means, spreads, table
