"""As graders/shapley_values/wrong/average_row.py, in another hand."""

import math

import numpy as np


def shapley_values(predict, X, background):
    samples, backdrop = np.array(X, dtype=float), np.array(background, dtype=float)
    if samples.ndim != 2 or backdrop.ndim != 2 or samples.shape[1] != backdrop.shape[1]:
        raise ValueError("X and background need the same features")
    if len(backdrop) == 0 or not 1 <= backdrop.shape[1] <= 20:
        raise ValueError("too few rows, or too few or too many features")
    backdrop = backdrop.sum(axis=0, keepdims=True) / len(backdrop)
    m, d = backdrop.shape

    def worth(sample, mask):
        rows = backdrop.copy()
        for j in range(d):
            if mask >> j & 1:
                rows[:, j] = sample[j]
        answer = np.asarray(predict(rows))
        if answer.shape != (m,):
            raise ValueError("predict must give a number for each row")
        return float(np.mean(answer, dtype=float))

    base = worth(None, 0)
    values = np.zeros(samples.shape)
    for i, sample in enumerate(samples):
        v = [base] + [worth(sample, mask) for mask in range(1, 2**d)]
        for mask in range(2**d):
            size = mask.bit_count()
            for j in range(d):
                if not mask >> j & 1:
                    weight = math.factorial(size) * math.factorial(d - size - 1) / math.factorial(d)
                    values[i, j] += weight * (v[mask | 1 << j] - v[mask])
    return values, base
