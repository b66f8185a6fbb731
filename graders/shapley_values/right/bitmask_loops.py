"""One call for each set of features, numbered by bits, and plain loops over the sets for each feature."""

from math import factorial

import numpy as np


def shapley_values(predict, X, background):
    X = np.array(X, dtype=np.float64)
    background = np.array(background, dtype=np.float64)
    if X.ndim != 2 or background.ndim != 2:
        raise ValueError("two dimensions are needed")
    n_background, d = background.shape
    if X.shape[1] != d or d < 1 or d > 20 or n_background == 0:
        raise ValueError("the tables do not fit")

    def mean_prediction(rows):
        out = np.asarray(predict(rows))
        if out.shape != (n_background,):
            raise ValueError("one prediction a row is needed")
        return float(out.astype(np.float64).sum()) / n_background

    base_value = mean_prediction(background.copy())
    weights = [factorial(s) * factorial(d - s - 1) / factorial(d) for s in range(d)]
    values = np.zeros(X.shape)
    for i in range(len(X)):
        v = [base_value]
        for members in range(1, 2**d):
            rows = background.copy()
            for j in range(d):
                if members >> j & 1:
                    rows[:, j] = X[i, j]
            v.append(mean_prediction(rows))
        for j in range(d):
            bit = 1 << j
            total = 0.0
            for members in range(2**d):
                if not members & bit:
                    total += weights[bin(members).count("1")] * (v[members | bit] - v[members])
            values[i, j] = total
    return values, base_value
