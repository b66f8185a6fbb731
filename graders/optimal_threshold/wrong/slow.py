"""Each threshold is tried on its own, and the four counts are taken anew each time."""

import numpy as np

CAUGHT_BY = ("test_growth", "test_cpu_time")


def optimal_threshold(y_true, y_score, *, metric="f1", min_precision=None, min_recall=None, costs=None):
    y, scores = np.asarray(y_true), np.asarray(y_score)
    if y.ndim != 1 or y.shape != scores.shape or not y.size:
        raise ValueError(
            f"labels and scores must be one-dimensional, not empty and of one length: {y.shape}, {scores.shape}"
        )
    if not np.isin(y, (0, 1)).all() or not np.isfinite(scores).all():
        raise ValueError("labels must be 0 or 1, and scores finite")
    order = np.argsort(scores)[::-1]
    ranked = scores[order]
    last_of_ties = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
    thresholds = np.append(np.inf, ranked[last_of_ties].astype(float))
    n_predicted = np.append(0, last_of_ties + 1)
    positive = y == 1
    tp = np.array([np.count_nonzero(positive & (scores >= threshold)) for threshold in thresholds])
    fp, fn = n_predicted - tp, tp[-1] - tp
    tn = len(y) - n_predicted - fn
    precision, recall = _ratio(tp, n_predicted), _ratio(tp, tp + fn)
    if costs is not None:
        cost = np.asarray(costs, dtype=float)
        if cost.shape != (2, 2):
            raise ValueError(f"costs must have the shape (2, 2), found {cost.shape}")
        value = -(tn * cost[0, 0] + fp * cost[0, 1] + fn * cost[1, 0] + tp * cost[1, 1]) / len(y)
    elif metric == "f1":
        value = _ratio(2 * tp, 2 * tp + fp + fn)
    elif metric == "accuracy":
        value = (tp + tn) / len(y)
    elif metric == "youden":
        value = recall - _ratio(fp, fp + tn)
    elif metric in ("precision", "recall"):
        value = precision if metric == "precision" else recall
    else:
        raise ValueError(f"unknown metric {metric!r}")
    allowed = (precision >= (min_precision or 0)) & (recall >= (min_recall or 0))
    if not allowed.any():
        raise ValueError("no threshold meets the constraints")
    best = np.argmax(np.where(allowed, value, -np.inf))
    return float(thresholds[best]), float(value[best] if costs is None else -value[best])


def _ratio(part, whole):
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
