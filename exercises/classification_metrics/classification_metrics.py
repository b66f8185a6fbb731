"""Precision, recall and F-beta of every class, and what their averages mean."""

import numpy as np


def precision_recall_fbeta(y_true, y_pred, *, beta=1.0, average=None, labels=None, zero_division=0.0):
    """Precision, recall and F-beta, for each class or averaged.

    ``F = (1 + beta**2) TP / ((1 + beta**2) TP + beta**2 FN + FP)``, for each class against all others.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
        The true classes and the predicted ones: numbers, booleans or text.
    beta : float, default 1.0
        Recall counts `beta` times as much as precision; at least 0.
    average : {None, "macro", "weighted", "micro"}
        None for one score a class; the mean over classes; the mean weighted by the number of true samples;
        or the scores of the counts added up over classes.
    labels : array-like, optional
        The classes to look at, in this order; by default all that occur in `y_true` or `y_pred`, sorted.
    zero_division : float, default 0.0
        What a fraction with denominator 0 counts as.

    Returns
    -------
    precision, recall, fbeta : ndarray of shape (n_classes,), or float
        Arrays if `average` is None, numbers otherwise.

    Raises
    ------
    ValueError
        No samples, shapes that do not fit, no labels, a negative `beta`, or an unknown `average`.

    References
    ----------
    van Rijsbergen, Information Retrieval, 2nd edition, 1979, chapter 7.

    Examples
    --------
    >>> precision, recall, f1 = precision_recall_fbeta([0, 1, 1, 1], [0, 0, 1, 1])
    >>> precision.tolist(), recall.round(3).tolist(), f1.round(3).tolist()
    ([0.5, 1.0], [1.0, 0.667], [0.667, 0.8])
    """
    raise NotImplementedError("implement precision_recall_fbeta")
