"""As graders/roc_auc/wrong/difference_of_neighbours.py, in another hand."""

import math

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
    ranking = sorted(zip(marks, truth, strict=True), key=lambda pair: pair[0], reverse=True)
    tps, fps, cuts = [0], [0], [math.inf]
    tp = fp = 0
    for i, (mark, label) in enumerate(ranking, start=1):
        if label == 1:
            tp += 1
        else:
            fp += 1
        if i == len(ranking) or ranking[i][0] - mark != 0:
            tps.append(tp)
            fps.append(fp)
            cuts.append(mark)
    return rate(fps, fps[-1]), rate(tps, tps[-1]), np.array(cuts, dtype=float)


def rate(counts, whole):
    return np.array([c / whole if whole else math.nan for c in counts])


def roc_auc(y_true, y_score):
    fpr, tpr, _ = roc_curve(y_true, y_score)
    area = 0.0
    for i in range(1, len(fpr)):
        area += (fpr[i] - fpr[i - 1]) * (tpr[i] + tpr[i - 1]) / 2
    return float(area)
