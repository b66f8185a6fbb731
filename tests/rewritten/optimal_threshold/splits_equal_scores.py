"""As graders/optimal_threshold/wrong/splits_equal_scores.py, in another hand."""

import math

import numpy as np

NAMES = ("f1", "accuracy", "precision", "recall", "youden")


def part_of(a, b):
    return a / b if b else 0.0


def optimal_threshold(y_true, y_score, *, metric="f1", min_precision=None, min_recall=None, costs=None):
    truth, marks = np.asarray(y_true), np.asarray(y_score)
    if truth.ndim != 1 or marks.ndim != 1 or not 0 < len(truth) == len(marks):
        raise ValueError("two flat inputs of one length are needed")
    truth, marks = truth.tolist(), marks.tolist()
    if any(t not in (0, 1) for t in truth):
        raise ValueError("a label is neither 0 nor 1")
    if not all(math.isfinite(m) for m in marks):
        raise ValueError("a score is not finite")
    if costs is not None and np.shape(costs) != (2, 2):
        raise ValueError("costs need two rows of two")
    if costs is None and metric not in NAMES:
        raise ValueError(f"no such metric: {metric}")
    steps = [(math.inf, 0, 0)]
    tp = fp = 0
    for i in sorted(range(len(marks)), key=marks.__getitem__, reverse=True):
        if truth[i] == 1:
            tp += 1
        else:
            fp += 1
        steps.append((marks[i], tp, fp))
    n, positives = len(truth), tp
    negatives = n - positives
    top = None
    for cut, tp, fp in steps:
        precision, recall = part_of(tp, tp + fp), part_of(tp, positives)
        if min_precision is not None and precision < min_precision:
            continue
        if min_recall is not None and recall < min_recall:
            continue
        fn, tn = positives - tp, negatives - fp
        if costs is not None:
            good = -(tn * costs[0][0] + fp * costs[0][1] + fn * costs[1][0] + tp * costs[1][1]) / n
        else:
            good = {
                "f1": part_of(2 * tp, 2 * tp + fp + fn),
                "accuracy": (tp + tn) / n,
                "precision": precision,
                "recall": recall,
                "youden": recall - part_of(fp, negatives),
            }[metric]
        if top is None or good > top[1]:
            top = cut, good
    if top is None:
        raise ValueError("the constraints cannot be met")
    return float(top[0]), float(top[1] if costs is None else -top[1])
