"""As graders/roc_auc/wrong/steps_instead_of_slopes.py, in another hand."""

import numpy as np


def roc_curve(y_true, y_score):
    y_true, y_score = np.array(y_true), np.array(y_score)
    if y_true.ndim != 1 or y_score.ndim != 1:
        raise ValueError("one dimension is expected")
    if y_true.size == 0 or y_true.size != y_score.size:
        raise ValueError("lengths do not fit")
    if not (np.equal(y_true, 0) | np.equal(y_true, 1)).all():
        raise ValueError("labels other than 0 and 1")
    if not (y_score < np.inf).all():
        raise ValueError("scores must be below infinity")
    values, group = np.unique(y_score, return_inverse=True)
    positives = np.bincount(group[y_true == 1], minlength=values.size)[::-1]
    negatives = np.bincount(group[y_true == 0], minlength=values.size)[::-1]
    thresholds = np.concatenate([[np.inf], values[::-1].astype(np.float64)])
    return as_rate(negatives), as_rate(positives), thresholds


def as_rate(counts):
    steps = np.concatenate([[0.0], np.cumsum(counts)])
    return steps / steps[-1] if steps[-1] else np.full(steps.size, np.nan)


def roc_auc(y_true, y_score):
    x, y, _ = roc_curve(y_true, y_score)
    return float(sum(width * height for width, height in zip(np.diff(x), y[1:], strict=True)))
