"""Groups the sorted samples by score in plain Python, and adds up pairs as it goes."""

import itertools
import math


def _checked(y_true, y_score):
    if getattr(y_true, "ndim", 1) > 1 or getattr(y_score, "ndim", 1) > 1:
        raise ValueError("one dimension only")
    labels, scores = [float(y) for y in y_true], [float(s) for s in y_score]
    if len(labels) != len(scores) or not labels:
        raise ValueError("lengths")
    if set(labels) - {0.0, 1.0} or any(math.isnan(s) or s == math.inf for s in scores):
        raise ValueError("values")
    return sorted(zip(scores, labels, strict=True), reverse=True)


def roc_curve(y_true, y_score):
    pairs = _checked(y_true, y_score)
    n_pos = sum(y for _, y in pairs)
    n_neg = len(pairs) - n_pos
    points = [(0.0, 0.0, math.inf)]
    tp = fp = 0.0
    for score, group in itertools.groupby(pairs, key=lambda pair: pair[0]):
        for _, y in group:
            tp += y
            fp += 1 - y
        points.append((fp, tp, score))
    fpr = [x / n_neg if n_neg else math.nan for x, _, _ in points]
    tpr = [x / n_pos if n_pos else math.nan for _, x, _ in points]
    return fpr, tpr, [t for _, _, t in points]


def roc_auc(y_true, y_score):
    won = above = n_neg = 0.0
    for _, group in itertools.groupby(_checked(y_true, y_score), key=lambda pair: pair[0]):
        here = [y for _, y in group]
        positives = sum(here)
        negatives = len(here) - positives
        won += negatives * (above + positives / 2)
        above += positives
        n_neg += negatives
    return won / (above * n_neg) if above * n_neg else math.nan
