"""The weighted least-squares fit of an additive game, with the end points held, that Kernel SHAP takes samples for."""

import itertools
import math

import numpy as np


def _check(X, background):
    if X.ndim != 2 or background.ndim != 2:
        raise ValueError("not two-dimensional")
    if X.shape[1] != background.shape[1]:
        raise ValueError("different numbers of features")
    if X.shape[1] not in range(1, 21) or background.shape[0] < 1:
        raise ValueError("too few or too many")


def shapley_values(predict, X, background):
    X, background = np.asarray(X, np.float64), np.asarray(background, np.float64)
    _check(X, background)
    d = background.shape[1]

    def ask(rows):
        answer = np.asarray(predict(rows))
        if answer.ndim != 1 or len(answer) != len(rows):
            raise ValueError("predict must give one number a row")
        return np.mean(answer, dtype=np.float64)

    base_value = ask(np.array(background))
    sets = [np.array(s) for size in range(1, d) for s in itertools.combinations(range(d), size)]
    Z = np.zeros((len(sets), d))
    for row, members in zip(Z, sets, strict=True):
        row[members] = 1.0
    sizes = Z.sum(axis=1)
    kernel = np.array([(d - 1) / (math.comb(d, int(s)) * s * (d - s)) for s in sizes])
    reduced = Z[:, :-1] - Z[:, -1:]
    values = []
    for x in X:
        full = ask(np.array(x)[None]) - base_value
        v = []
        for members in sets:
            rows = np.array(background)
            rows[:, members] = x[members]
            v.append(ask(rows) - base_value)
        target = np.array(v) - Z[:, -1] * full
        normal = (reduced * kernel[:, None]).T @ reduced
        first = np.linalg.solve(normal, (reduced * kernel[:, None]).T @ target) if d > 1 else np.zeros(0)
        values.append(np.append(first, full - first.sum()))
    return np.array(values).reshape(len(X), d), base_value
