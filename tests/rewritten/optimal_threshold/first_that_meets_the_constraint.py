"""As graders/optimal_threshold/wrong/first_that_meets_the_constraint.py, in another hand."""

import math

import numpy as np

NAMES = ("f1", "accuracy", "precision", "recall", "youden")


def share(a, b):
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
    table = {}
    for t, m in zip(truth, marks, strict=True):
        table.setdefault(m, [0, 0])[int(t)] += 1
    path = [(math.inf, 0, 0)]
    tp = fp = 0
    for m in sorted(table, reverse=True):
        fp += table[m][0]
        tp += table[m][1]
        path.append((m, tp, fp))
    n, positives = len(truth), tp
    negatives = n - positives
    answer = None
    for cut, tp, fp in path:
        precision, recall = share(tp, tp + fp), share(tp, positives)
        if min_precision is not None and precision < min_precision:
            continue
        if min_recall is not None and recall < min_recall:
            continue
        fn, tn = positives - tp, negatives - fp
        if costs is not None:
            good = -(tn * costs[0][0] + fp * costs[0][1] + fn * costs[1][0] + tp * costs[1][1]) / n
        else:
            good = {
                "f1": share(2 * tp, 2 * tp + fp + fn),
                "accuracy": (tp + tn) / n,
                "precision": precision,
                "recall": recall,
                "youden": recall - share(fp, negatives),
            }[metric]
        if answer is None or good > answer[1]:
            answer = cut, good
        if min_precision is not None or min_recall is not None:
            break
    if answer is None:
        raise ValueError("the constraints cannot be met")
    return float(answer[0]), float(answer[1] if costs is None else -answer[1])
