"""Counts the positives and negatives above each distinct score by binary search, from the lowest score up."""

import numpy as np


def optimal_threshold(y_true, y_score, *, metric="f1", min_precision=None, min_recall=None, costs=None):
    y = np.array(y_true, dtype=float)
    s = np.array(y_score, dtype=float)
    if s.size == 0 or s.shape != y.shape or s.ndim > 1:
        raise ValueError("shapes")
    if set(np.unique(y)) - {0.0, 1.0} or np.isnan(s).any() or np.isinf(s).any():
        raise ValueError("values")
    if costs is not None and np.shape(costs) != (2, 2):
        raise ValueError("costs")
    candidates = np.concatenate([np.unique(s), [np.inf]])
    positives, negatives = np.sort(s[y == 1]), np.sort(s[y == 0])
    fn = np.searchsorted(positives, candidates, side="left").astype(np.float32)
    tn = np.searchsorted(negatives, candidates, side="left").astype(np.float32)
    tp, fp = len(positives) - fn, len(negatives) - tn
    with np.errstate(invalid="ignore", divide="ignore"):
        tp, fp, fn, tn = (part.astype(np.float64) for part in (tp, fp, fn, tn))
        p = np.nan_to_num(tp / (tp + fp))
        r = np.nan_to_num(tp / (tp + fn))
        options = {
            "f1": np.nan_to_num(tp / (tp + (fp + fn) / 2)),
            "accuracy": 1 - (fp + fn) / len(y),
            "precision": p,
            "recall": r,
            "youden": r + np.nan_to_num(tn / (tn + fp)) - (1.0 if len(negatives) else 0.0),
        }
    if costs is not None:
        (a, b), (c, d) = costs
        goal = -(a * tn + b * fp + c * fn + d * tp) / len(y)
    elif metric in options:
        goal = options[metric]
    else:
        raise ValueError(metric)
    fine = np.ones(len(goal), bool)
    if min_precision is not None:
        fine &= p >= min_precision
    if min_recall is not None:
        fine &= r >= min_recall
    if not fine.any():
        raise ValueError("constraints")
    at = np.flatnonzero(fine)[np.argmax(goal[fine])]
    return candidates[at], goal[at] * (1 if costs is None else -1)
