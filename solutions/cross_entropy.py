"""Cross-entropy from logits, and its gradient."""

import numpy as np


def cross_entropy(logits, targets, *, weight=None, label_smoothing=0.0, ignore_index=-100, reduction="mean"):
    """Cross-entropy, ``-(1 - eps) * w[y] * log(p[y]) - eps / c * sum(w * log(p))`` for each sample.

    Parameters
    ----------
    logits : array of shape (n, c)
        Unnormalised scores, float or integer; softmax along each row.
    targets : array of shape (n,), integer
        Classes in 0..c-1, or `ignore_index`.
    weight : None, or sequence or array of shape (c,)
        Weight of each class; the mean divides by the weights of the targets.
    label_smoothing : float, default 0.0
        The share eps that is spread evenly over all c classes, from 0 to 1.
    ignore_index : int, default -100
        Target that adds nothing and is not counted in the mean.
    reduction : {"mean", "sum", "none"}
        What becomes of the losses of the samples.

    Returns
    -------
    float, or array of shape (n,) for "none"
        In nats; the array has the dtype of float logits, and float64 for integer ones.

    Raises
    ------
    ValueError
        Unknown reduction, smoothing outside [0, 1], or a target that is no class.

    References
    ----------
    Szegedy et al., Rethinking the Inception Architecture for Computer Vision, CVPR 2016, section 7.

    Examples
    --------
    >>> logits = np.log([[1.0, 3.0], [1.0, 3.0]])
    >>> cross_entropy(logits, np.array([1, 0]), reduction="none").round(6).tolist()
    [0.287682, 1.386294]
    """
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"reduction must be mean, sum or none, found {reduction!r}")
    logits, soft, divisor, dtype = _prepare(logits, targets, weight, label_smoothing, ignore_index)
    # Where a class has no share, its log-probability may be -inf: 0 * inf would be NaN.
    losses = -np.multiply(soft, _log_softmax(logits), where=soft != 0, out=np.zeros_like(soft)).sum(axis=1)
    if reduction == "none":
        return losses.astype(dtype)
    return losses.sum() if reduction == "sum" else losses.sum() / divisor


def cross_entropy_grad(logits, targets, *, weight=None, label_smoothing=0.0, ignore_index=-100, reduction="mean"):
    """Gradient of `cross_entropy` with respect to the logits.

    Parameters
    ----------
    logits, targets, weight, label_smoothing, ignore_index
        As for `cross_entropy`.
    reduction : {"mean", "sum"}
        Which number is differentiated.

    Returns
    -------
    array of shape (n, c)
        Dtype of float logits, float64 for integer ones; rows of ignored samples are 0.

    Raises
    ------
    ValueError
        As for `cross_entropy`, and for the reduction "none".

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning, 2006, equation 4.109.

    Examples
    --------
    >>> logits = np.log([[1.0, 3.0], [1.0, 3.0]])
    >>> cross_entropy_grad(logits, np.array([1, 0])).round(6).tolist()
    [[0.125, -0.125], [-0.375, 0.375]]
    """
    if reduction not in ("mean", "sum"):
        raise ValueError(f"reduction must be mean or sum, found {reduction!r}")
    logits, soft, divisor, dtype = _prepare(logits, targets, weight, label_smoothing, ignore_index)
    grad = soft.sum(axis=1, keepdims=True) * np.exp(_log_softmax(logits)) - soft
    return (grad if reduction == "sum" else grad / divisor).astype(dtype)


def _prepare(logits, targets, weight, label_smoothing, ignore_index):
    """Logits in float64, the weighted share of each class in each sample, what the mean divides by, and a dtype."""
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"label_smoothing must be from 0 to 1, found {label_smoothing}")
    logits, targets = np.asarray(logits), np.asarray(targets)
    (n, c), dtype = logits.shape, logits.dtype if logits.dtype.kind == "f" else np.float64
    kept = targets != ignore_index
    if (kept & ((targets < 0) | (targets >= c))).any():
        raise ValueError(f"targets must be in 0..{c - 1} or {ignore_index}")
    index = np.where(kept, targets, 0).astype(np.intp)
    weight = np.ones(c) if weight is None else np.asarray(weight, dtype=np.float64)
    soft = np.tile(label_smoothing / c * weight, (n, 1))  # (n, c)
    soft[np.arange(n), index] += (1 - label_smoothing) * weight[index]
    soft[~kept] = 0
    logits = np.where(kept[:, None], logits, 0).astype(np.float64)  # an ignored row may hold NaN
    return logits, soft, weight[index[kept]].sum() if kept.any() else 1.0, dtype


def _log_softmax(logits):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
