"""One-hot targets by comparison with arange, a log-softmax by logaddexp, and 0-d arrays as results."""

import numpy as np


def _one_hot(y, n_classes):
    return y[:, None] == np.arange(n_classes)


def _check(logits, targets, label_smoothing, ignore_index):
    if not (0.0 <= label_smoothing <= 1.0):
        raise ValueError("smoothing")
    used = np.array([int(t) for t in np.unique(targets) if t != ignore_index])
    if used.size and not np.isin(used, np.arange(logits.shape[1])).all():
        raise ValueError("target")


def _parts(logits, targets, weight, label_smoothing, ignore_index):
    _check(logits, targets, label_smoothing, ignore_index)
    kind = logits.dtype if logits.dtype in (np.float32, np.float64) else np.float64
    _n, c = logits.shape
    used = np.asarray(targets != ignore_index)[:, None]
    z = np.where(used, logits, 0.0).astype(np.float64)
    log_p = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    hot = _one_hot(targets, c) & used
    w = np.full(c, 1.0) if weight is None else np.asarray(weight, float)
    shares = ((1 - label_smoothing) * hot + label_smoothing / c * used) * w
    return log_p, shares, (hot * w).sum(), kind


def cross_entropy(logits, targets, *, weight=None, label_smoothing=0.0, ignore_index=-100, reduction="mean"):
    if reduction not in ("mean", "sum", "none"):
        raise ValueError("reduction")
    log_p, shares, divisor, kind = _parts(logits, targets, weight, label_smoothing, ignore_index)
    loss = -np.einsum("ij,ij->i", shares, np.where(shares > 0, log_p, 0.0))
    if reduction == "none":
        return loss.astype(kind)
    return np.array(loss.sum() / (divisor if reduction == "mean" and divisor > 0 else 1.0)).astype(kind)


def cross_entropy_grad(logits, targets, *, weight=None, label_smoothing=0.0, ignore_index=-100, reduction="mean"):
    if reduction not in ("mean", "sum"):
        raise ValueError("reduction")
    log_p, shares, divisor, kind = _parts(logits, targets, weight, label_smoothing, ignore_index)
    grad = shares.sum(1)[:, None] * np.exp(log_p) - shares
    if reduction == "mean":
        grad /= max(divisor, np.finfo(float).tiny)
    return grad.astype(kind)
