"""The classes are those that occur in y_true."""

import numpy as np

CAUGHT_BY = (
    "test_classes_on_one_side_only",
    "test_one_class_and_one_sample",
    "test_two_dtypes",
)


def precision_recall_fbeta(y_true, y_pred, *, beta=1.0, average=None, labels=None, zero_division=0.0):
    truth, predicted = np.asarray(y_true), np.asarray(y_pred)
    if truth.ndim != 1 or truth.shape != predicted.shape or not truth.size:
        raise ValueError(f"expected one dimension, one length and a sample or more: {truth.shape}, {predicted.shape}")
    if average not in (None, "macro", "weighted", "micro"):
        raise ValueError(f"average must be None, macro, weighted or micro, found {average!r}")
    if not beta >= 0:
        raise ValueError(f"beta must be at least 0, found {beta}")
    classes = np.unique(truth) if labels is None else np.asarray(labels)
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
