"""Ignored samples are taken out by multiplying loss and gradient with a mask."""

import numpy as np

CAUGHT_BY = ("test_ignored_logits_may_be_anything",)


def cross_entropy(logits, targets, *, weight=None, label_smoothing=0.0, ignore_index=-100, reduction="mean"):
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"reduction must be mean, sum or none, found {reduction!r}")
    logits, soft, divisor, dtype = _prepare(logits, targets, weight, label_smoothing, ignore_index)
    # Where a class has no share, its log-probability may be -inf: 0 * inf would be NaN.
    losses = -np.where(np.isneginf(logits), 0, soft * _log_softmax(logits)).sum(axis=1)
    if reduction == "none":
        return losses.astype(dtype)
    return losses.sum() if reduction == "sum" else losses.sum() / divisor


def cross_entropy_grad(logits, targets, *, weight=None, label_smoothing=0.0, ignore_index=-100, reduction="mean"):
    if reduction not in ("mean", "sum"):
        raise ValueError(f"reduction must be mean or sum, found {reduction!r}")
    logits, soft, divisor, dtype = _prepare(logits, targets, weight, label_smoothing, ignore_index)
    grad = soft.sum(axis=1, keepdims=True) * np.exp(_log_softmax(logits)) - soft
    return (grad if reduction == "sum" else grad / divisor).astype(dtype)


def _prepare(logits, targets, weight, label_smoothing, ignore_index):
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
    logits = logits.astype(np.float64)
    return logits, soft, weight[index[kept]].sum() if kept.any() else 1.0, dtype


def _log_softmax(logits):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
