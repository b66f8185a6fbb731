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
    truth, predicted = np.asarray(y_true), np.asarray(y_pred)
    if truth.ndim != 1 or truth.shape != predicted.shape or not truth.size:
        raise ValueError(f"expected one dimension, one length and a sample or more: {truth.shape}, {predicted.shape}")
    if average not in (None, "macro", "weighted", "micro"):
        raise ValueError(f"average must be None, macro, weighted or micro, found {average!r}")
    if not beta >= 0:
        raise ValueError(f"beta must be at least 0, found {beta}")
    classes = np.union1d(truth, predicted) if labels is None else np.asarray(labels)
    if not classes.size:
        raise ValueError("labels must name a class or more")
    is_class = truth == classes[:, None]  # (n_classes, n_samples)
    said_class = predicted == classes[:, None]
    tp, support, n_predicted = ((is_class & said_class).sum(axis=1), is_class.sum(axis=1), said_class.sum(axis=1))
    if average == "micro":
        tp, support, n_predicted = (part.sum(keepdims=True) for part in (tp, support, n_predicted))
    # TP + FN is the support and TP + FP the number of predictions.
    scores = (
        _ratio(tp, n_predicted, zero_division),
        _ratio(tp, support, zero_division),
        _ratio((1 + beta**2) * tp, beta**2 * support + n_predicted, zero_division),
    )
    if average is None:
        return scores
    if average == "weighted":
        return tuple(float(_ratio(score @ support, support.sum(), zero_division)) for score in scores)
    return tuple(float(score.mean()) for score in scores)


def _ratio(part, whole, zero_division):
    out = np.full(np.shape(whole), float(zero_division))
    return np.divide(part, whole, out=out, where=whole > 0)
