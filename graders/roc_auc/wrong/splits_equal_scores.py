"""Every sample is a point of the curve, in the order of the sorted scores."""

import numpy as np

CAUGHT_BY = (
    "test_ties_on_the_curve",
    "test_ties_in_the_area",
    "test_order_and_scale",
)


def roc_curve(y_true, y_score):
    y, scores = np.asarray(y_true), np.asarray(y_score)
    if y.ndim != 1 or y.shape != scores.shape or not y.size:
        raise ValueError(f"expected one dimension, one length and a sample or more: {y.shape}, {scores.shape}")
    if not np.isin(y, (0, 1)).all():
        raise ValueError("labels must be 0 or 1")
    if np.isnan(scores).any() or np.isposinf(scores).any():
        raise ValueError("scores must be finite or minus infinity")
    order = np.argsort(scores, kind="stable")[::-1]
    ranked = scores[order]
    last_of_ties = np.arange(len(ranked))
    tp = np.append(0, np.cumsum(y[order] == 1)[last_of_ties])
    fp = np.append(0, last_of_ties + 1) - tp
    with np.errstate(invalid="ignore"):  # 0 / 0 is the NaN that is wanted
        fpr, tpr = fp / fp[-1], tp / tp[-1]
    return fpr, tpr, np.append(np.inf, ranked[last_of_ties].astype(float))


def roc_auc(y_true, y_score):
    fpr, tpr, _ = roc_curve(y_true, y_score)
    # The chord over a group of equal scores is a trapezoid: its pairs count half.
    return float(np.diff(fpr) @ (tpr[1:] + tpr[:-1]) / 2)
