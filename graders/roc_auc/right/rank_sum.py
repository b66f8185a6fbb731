"""The area by the rank sum of the positives with middle ranks, the curve by unique scores counted for each class."""

import numpy as np


def _look(y_true, y_score):
    y, s = np.array(y_true, dtype=float), np.array(y_score, dtype=float)
    if y.ndim != 1 or s.ndim != 1 or len(y) != len(s) or len(y) == 0:
        raise ValueError("shape")
    if ((y != 0) & (y != 1)).any() or np.isnan(s).any() or (s == np.inf).any():
        raise ValueError("value")
    return y == 1, s


def roc_curve(y_true, y_score):
    y, s = _look(y_true, y_score)
    values, codes = np.unique(s, return_inverse=True)
    rates = []
    for mine in (~y, y):
        counts = np.bincount(codes[mine], minlength=len(values))[::-1]
        n = mine.sum()
        rates.append(np.concatenate([[0], np.cumsum(counts)]) / n if n else np.full(len(values) + 1, np.nan))
    return rates[0], rates[1], np.concatenate([[np.inf], values[::-1]])


def roc_auc(y_true, y_score):
    y, s = _look(y_true, y_score)
    n1 = int(y.sum())
    n0 = len(y) - n1
    if n1 == 0 or n0 == 0:
        return float("nan")
    _, codes, counts = np.unique(s, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2
    return (middle[codes][y].sum() - n1 * (n1 + 1) / 2) / (n1 * n0)
