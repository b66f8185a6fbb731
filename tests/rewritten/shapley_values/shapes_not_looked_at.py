"""As graders/shapley_values/wrong/shapes_not_looked_at.py, in another hand."""

import math

import numpy as np


def shapley_values(predict, X, background):
    samples, others = np.array(X, dtype=float), np.array(background, dtype=float)
    d = others.shape[1]

    def worth(sample, mask):
        mixed = others.copy()
        for j in range(d):
            if mask >> j & 1:
                mixed[:, j] = sample[j]
        answer = np.asarray(predict(mixed))
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
