"""As graders/roc_auc/wrong/trusts_the_caller.py, in another hand."""

import numpy as np


def roc_curve(y_true, y_score):
    y_true, y_score = np.asarray(y_true), np.asarray(y_score)
    downwards = np.argsort(y_score, kind="stable")[::-1]
    y_true[:] = y_true[downwards]
    y_score[:] = y_score[downwards]
    ends = np.append(np.flatnonzero(y_score[:-1] != y_score[1:]), len(y_score) - 1)
    found = np.concatenate([[0], np.cumsum(y_true == 1)[ends]])
    alarms = np.concatenate([[0], np.cumsum(y_true == 0)[ends]])
    thresholds = np.concatenate([[np.inf], y_score[ends].astype(float)])
    return over_last(alarms), over_last(found), thresholds


def over_last(counts):
    return counts / counts[-1] if counts[-1] else np.full(len(counts), np.nan)


def roc_auc(y_true, y_score):
    fpr, tpr, _ = roc_curve(y_true, y_score)
    return float(((tpr[:-1] + tpr[1:]) / 2 * np.diff(fpr)).sum())
