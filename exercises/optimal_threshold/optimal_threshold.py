"""The decision threshold that serves a metric, a constraint, or the cost of mistakes best."""

import numpy as np


def optimal_threshold(y_true, y_score, *, metric="f1", min_precision=None, min_recall=None, costs=None):
    """Threshold with the best metric or the lowest mean cost, and its value.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Labels 0 and 1.
    y_score : array-like of shape (n_samples,)
        Finite scores; positive is predicted where ``y_score >= threshold``.
    metric : {"f1", "accuracy", "precision", "recall", "youden"}
        What to maximise; 0/0 counts as 0.
    min_precision, min_recall : float, optional
        Only thresholds that reach these are considered.
    costs : array-like of shape (2, 2), optional
        ``costs[true][predicted]``; if given, the mean cost is minimised instead.

    Returns
    -------
    threshold : float
        One of the scores, or inf for predicting nobody.
    value : float
        The metric there, or the mean cost per sample.

    Raises
    ------
    ValueError
        Bad input, an unknown metric, or constraints that no threshold meets.

    References
    ----------
    Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27, 2006.
    """
    raise NotImplementedError("implement optimal_threshold")
