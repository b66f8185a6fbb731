"""The input is well-formed, and sorting in place saves a copy."""

import numpy as np

CAUGHT_BY = (
    "test_bad_input",
    "test_arguments_stay_as_they_were",
)


def roc_curve(y_true, y_score):
    y, scores = np.asarray(y_true), np.asarray(y_score)
    order = np.argsort(scores)[::-1]
    ranked, y[:] = scores[order], y[order]
    last_of_ties = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
    tp = np.append(0, np.cumsum(y == 1)[last_of_ties])
    fp = np.append(0, last_of_ties + 1) - tp
    with np.errstate(invalid="ignore"):  # 0 / 0 is the NaN that is wanted
        fpr, tpr = fp / fp[-1], tp / tp[-1]
    return fpr, tpr, np.append(np.inf, ranked[last_of_ties].astype(float))


def roc_auc(y_true, y_score):
    fpr, tpr, _ = roc_curve(y_true, y_score)
    # The chord over a group of equal scores is a trapezoid: its pairs count half.
    return float(np.diff(fpr) @ (tpr[1:] + tpr[:-1]) / 2)
