"""As graders/roc_auc/wrong/false_discovery_rate.py, in another hand."""

import math
from collections import Counter

import numpy as np


def checked(y_true, y_score):
    truth, marks = np.asarray(y_true), np.asarray(y_score)
    if truth.ndim != 1 or marks.ndim != 1 or not 0 < len(truth) == len(marks):
        raise ValueError("two flat inputs of one length are needed")
    truth, marks = truth.tolist(), marks.tolist()
    if any(t not in (0, 1) for t in truth):
        raise ValueError("labels are 0 and 1")
    if any(math.isnan(m) or m == math.inf for m in marks):
        raise ValueError("a score is NaN or infinite")
    return truth, marks


def roc_curve(y_true, y_score):
    truth, marks = checked(y_true, y_score)
    good = Counter(m for t, m in zip(truth, marks, strict=True) if t == 1)
    bad = Counter(m for t, m in zip(truth, marks, strict=True) if t == 0)
    tps, fps, cuts = [0], [0], [math.inf]
    for cut in sorted(set(marks), reverse=True):
        tps.append(tps[-1] + good[cut])
        fps.append(fps[-1] + bad[cut])
        cuts.append(cut)
    false = [f / (f + t) if f + t else 0.0 for f, t in zip(fps, tps, strict=True)]
    fpr = np.array(false) if fps[-1] else np.full(len(fps), math.nan)
    return fpr, rate(tps, tps[-1]), np.array(cuts, dtype=float)


def rate(counts, whole):
    return np.array([c / whole if whole else math.nan for c in counts])


def roc_auc(y_true, y_score):
    fpr, tpr, _ = roc_curve(y_true, y_score)
    area = 0.0
    for i in range(1, len(fpr)):
        area += (fpr[i] - fpr[i - 1]) * (tpr[i] + tpr[i - 1]) / 2
    return float(area)
