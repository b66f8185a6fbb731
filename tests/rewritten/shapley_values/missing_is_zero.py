"""As graders/shapley_values/wrong/missing_is_zero.py, in another hand."""

from itertools import chain, combinations
from math import comb

import numpy as np


def subsets(names):
    return chain.from_iterable(combinations(names, k) for k in range(len(names) + 1))


def shapley_values(predict, X, background):
    samples, others = np.array(X, dtype=float), np.array(background, dtype=float)
    if samples.ndim != 2 or others.ndim != 2 or samples.shape[1] != others.shape[1]:
        raise ValueError("X and background need the same features")
    if len(others) == 0 or not 1 <= others.shape[1] <= 20:
        raise ValueError("too few rows, or too few or too many features")
    m, d = 1, others.shape[1]

    def ask(sample, team):
        mixed = np.zeros((1, d))
        mixed[:, list(team)] = sample[list(team)]
        answer = np.array(predict(mixed))
        if answer.shape != (m,):
            raise ValueError("predict must give a number for each row")
        return answer.astype(float).sum() / m

    base = ask(others[0], ())
    values = []
    for sample in samples:
        worth = {team: ask(sample, team) if team else base for team in subsets(range(d))}
        row = []
        for j in range(d):
            total = 0.0
            for team in subsets([f for f in range(d) if f != j]):
                joined = tuple(sorted((*team, j)))
                total += (worth[joined] - worth[team]) / comb(d - 1, len(team))
            row.append(total / d)
        values.append(row)
    return np.array(values).reshape(len(samples), d), float(base)
