"""As graders/roc_auc/wrong/one_class_is_chance.py, in another hand."""

import math
from collections import Counter

import numpy as np


def checked(y_true, y_score):
    truth, scores = np.asarray(y_true), np.asarray(y_score)
    if truth.ndim != 1 or scores.ndim != 1 or not 0 < len(truth) == len(scores):
        raise ValueError("two flat inputs of one length are needed")
    truth, scores = truth.tolist(), scores.tolist()
    if any(t not in (0, 1) for t in truth):
        raise ValueError("labels are 0 and 1")
    if any(math.isnan(m) or m == math.inf for m in scores):
        raise ValueError("a score is NaN or infinite")
    return truth, scores


def roc_curve(y_true, y_score):
    truth, scores = checked(y_true, y_score)
    ones = Counter(m for t, m in zip(truth, scores, strict=True) if t == 1)
    zeros = Counter(m for t, m in zip(truth, scores, strict=True) if t == 0)
    tps, fps, cuts = [0], [0], [math.inf]
    for cut in sorted(set(scores), reverse=True):
        tps.append(tps[-1] + ones[cut])
        fps.append(fps[-1] + zeros[cut])
        cuts.append(cut)
    return rate(fps, fps[-1]), rate(tps, tps[-1]), np.array(cuts, dtype=float)


def rate(counts, whole):
    return np.array([c / whole if whole else math.nan for c in counts])


def roc_auc(y_true, y_score):
    fpr, tpr, _ = roc_curve(y_true, y_score)
    if math.isnan(fpr[0]) or math.isnan(tpr[0]):
        return 0.5
    area = 0.0
    for i in range(1, len(fpr)):
        area += (fpr[i] - fpr[i - 1]) * (tpr[i] + tpr[i - 1]) / 2
    return float(area)
