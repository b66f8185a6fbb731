"""Walks down the sorted samples in plain Python, one at a time."""

import math


def optimal_threshold(y_true, y_score, *, metric="f1", min_precision=None, min_recall=None, costs=None):
    labels, scores = [float(label) for label in y_true], [float(score) for score in y_score]
    if not labels or len(labels) != len(scores):
        raise ValueError("no samples, or different lengths")
    if any(label not in (0.0, 1.0) for label in labels) or not all(map(math.isfinite, scores)):
        raise ValueError("bad labels or scores")
    if costs is None and metric not in ("f1", "accuracy", "precision", "recall", "youden"):
        raise ValueError(metric)
    if costs is not None and (len(costs) != 2 or any(not hasattr(row, "__len__") or len(row) != 2 for row in costs)):
        raise ValueError("costs must be two by two")
    n_positive = sum(labels)
    n_negative = len(labels) - n_positive
    tp = fp = 0.0
    best = None
    order = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)
    for place in range(len(order) + 1):
        if place:
            tp, fp = tp + labels[order[place - 1]], fp + 1 - labels[order[place - 1]]
        threshold = scores[order[place - 1]] if place else math.inf
        if 0 < place < len(order) and scores[order[place]] == threshold:
            continue
        precision = tp / (tp + fp) if tp + fp else 0.0
        recall = tp / n_positive if n_positive else 0.0
        if (min_precision is not None and precision < min_precision) or (
            min_recall is not None and recall < min_recall
        ):
            continue
        fn, tn = n_positive - tp, n_negative - fp
        if costs is not None:
            value = (costs[0][0] * tn + costs[0][1] * fp + costs[1][0] * fn + costs[1][1] * tp) / len(labels)
        elif metric == "f1":
            value = 2 * precision * recall / (precision + recall) if tp else 0.0
        else:
            value = {
                "accuracy": (tp + tn) / len(labels),
                "precision": precision,
                "recall": recall,
                "youden": recall - (fp / n_negative if n_negative else 0.0),
            }[metric]
        if best is None or (value < best[1] if costs is not None else value > best[1]):
            best = threshold, value
    if best is None:
        raise ValueError("the constraints cannot be met")
    return best
