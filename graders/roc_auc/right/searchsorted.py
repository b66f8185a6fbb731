"""Looks up every threshold in the sorted scores of each class, and every positive among the sorted negatives."""

import numpy as np


def _split(y_true, y_score):
    y, s = np.asarray(y_true, dtype=float), np.asarray(y_score, dtype=float)
    if y.shape != s.shape or y.ndim != 1 or not len(y):
        raise ValueError("shapes")
    if not set(np.unique(y)) <= {0.0, 1.0} or not (s < np.inf).all():
        raise ValueError("labels or scores")
    return np.sort(s[y == 0]), np.sort(s[y == 1]), s


def roc_curve(y_true, y_score):
    negatives, positives, s = _split(y_true, y_score)
    thresholds = np.append(np.unique(s), np.inf)[::-1]
    with np.errstate(all="ignore"):
        fpr, tpr = (np.float64(len(p) - np.searchsorted(p, thresholds)) / len(p) for p in (negatives, positives))
    return fpr, tpr, thresholds


def roc_auc(y_true, y_score):
    negatives, positives, _ = _split(y_true, y_score)
    if not len(negatives) or not len(positives):
        return np.nan
    lower, upper = (np.searchsorted(negatives, positives, side=side) for side in ("left", "right"))
    return np.mean((lower + upper) / (2 * len(negatives)))
