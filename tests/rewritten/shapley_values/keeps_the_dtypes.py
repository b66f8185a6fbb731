"""As graders/shapley_values/wrong/keeps_the_dtypes.py, in another hand."""

import math

import numpy as np


def shapley_values(predict, X, background):
    samples, others = np.array(X), np.array(background)
    if samples.ndim != 2 or others.ndim != 2 or samples.shape[1] != others.shape[1]:
        raise ValueError("X and background need the same features")
    if len(others) == 0 or not 1 <= others.shape[1] <= 20:
        raise ValueError("too few rows, or too few or too many features")
    m, d = others.shape

    def value_of(sample, mask):
        rows = others.copy()
        for j in range(d):
            if mask >> j & 1:
                rows[:, j] = sample[j]
        answer = np.asarray(predict(rows))
        if answer.shape != (m,):
            raise ValueError("predict must give a number for each row")
        return float(answer.mean().astype(answer.dtype))

    base = value_of(None, 0)
    values = np.zeros(samples.shape)
    for i, sample in enumerate(samples):
        v = [base] + [value_of(sample, mask) for mask in range(1, 2**d)]
        for mask in range(2**d):
            size = mask.bit_count()
            for j in range(d):
                if not mask >> j & 1:
                    weight = math.factorial(size) * math.factorial(d - size - 1) / math.factorial(d)
                    values[i, j] += weight * (v[mask | 1 << j] - v[mask])
    return values, base
