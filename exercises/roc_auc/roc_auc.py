"""The ROC curve, and the area under it."""

import numpy as np


def roc_curve(y_true, y_score):
    """False and true positive rate at every threshold that makes a difference.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Labels 0 and 1.
    y_score : array-like of shape (n_samples,)
        Higher means more positive; finite or minus infinity. Positive is predicted where
        ``y_score >= threshold``.

    Returns
    -------
    fpr, tpr : ndarray of shape (n_distinct_scores + 1,), float64
        The rates, from (0, 0) to (1, 1); a rate of a class without samples is NaN throughout.
    thresholds : ndarray of shape (n_distinct_scores + 1,), float64
        Infinity, then the distinct scores downwards.

    Raises
    ------
    ValueError
        No samples, shapes that do not fit, other labels, a score that is NaN or infinity.

    References
    ----------
    Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27, 2006, algorithm 1.

    Examples
    --------
    >>> fpr, tpr, thresholds = roc_curve([0, 1, 0, 1], [0.1, 0.4, 0.4, 0.8])
    >>> fpr.tolist(), tpr.tolist(), thresholds.tolist()
    ([0.0, 0.0, 0.5, 1.0], [0.0, 0.5, 1.0, 1.0], [inf, 0.8, 0.4, 0.1])
    """
    raise NotImplementedError("implement roc_curve")


def roc_auc(y_true, y_score):
    """Area under the ROC curve: how often a positive has a higher score than a negative, ties counted half.

    Parameters
    ----------
    y_true, y_score : array-like of shape (n_samples,)
        As for `roc_curve`.

    Returns
    -------
    float
        From 0 to 1; NaN if only one class occurs.

    Raises
    ------
    ValueError
        As for `roc_curve`.

    References
    ----------
    Hanley and McNeil, The Meaning and Use of the Area under a ROC Curve, Radiology 143, 1982.

    Examples
    --------
    >>> roc_auc([0, 1, 0, 1], [0.1, 0.4, 0.4, 0.8])
    0.875
    """
    raise NotImplementedError("implement roc_auc")
