"""As graders/shapley_values/wrong/all_sets_alike.py, in another hand."""

import numpy as np


def shapley_values(predict, X, background):
    samples, others = np.array(X, dtype=float), np.array(background, dtype=float)
    if samples.ndim != 2 or others.ndim != 2 or samples.shape[1] != others.shape[1]:
        raise ValueError("X and background need the same features")
    if len(others) == 0 or not 1 <= others.shape[1] <= 20:
        raise ValueError("too few rows, or too few or too many features")
    m, d = others.shape

    def worth(sample, mask):
        rows = others.copy()
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
            for j in range(d):
                if not mask >> j & 1:
                    values[i, j] += (v[mask | 1 << j] - v[mask]) / 2 ** (d - 1)
    return values, base
