"""As graders/shapley_values/wrong/scaled_to_add_up.py, in another hand."""

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
        everything = 2**d - 1
        full = worth(sample, everything)
        losses = [full - worth(sample, everything ^ 1 << j) if d > 1 else full - base for j in range(d)]
        if sum(losses) != 0:
            values[i] = np.array(losses) * (full - base) / sum(losses)
    return values, base
