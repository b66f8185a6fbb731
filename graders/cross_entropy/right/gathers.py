"""Picks the target's logit with an index, and handles only the samples that are kept."""

import numpy as np


def _rows(logits, targets, weight, label_smoothing, ignore_index):
    logits = np.asarray(logits)
    targets = np.asarray(targets)
    if label_smoothing < 0 or label_smoothing > 1:
        raise ValueError("label_smoothing")
    work = logits.dtype if np.issubdtype(logits.dtype, np.floating) else np.dtype("float64")
    c = logits.shape[1]
    keep = np.flatnonzero(targets != ignore_index)
    y = targets[keep].astype(np.int64)
    if len(y) and (y.min() < 0 or y.max() >= c):
        raise ValueError("targets")
    w = np.ones(c, work) if weight is None else np.array(weight).astype(work)
    z = logits[keep].astype(work)
    if len(z):
        z -= z.max(1)[:, np.newaxis]
    return z, y, w, keep, logits.shape, work


def cross_entropy(logits, targets, *, weight=None, label_smoothing=0.0, ignore_index=-100, reduction="mean"):
    if reduction not in {"none", "sum", "mean"}:
        raise ValueError("reduction")
    z, y, w, keep, shape, work = _rows(logits, targets, weight, label_smoothing, ignore_index)
    normaliser = np.log(np.exp(z).sum(1))
    part = w[y] * (normaliser - z[np.arange(len(y)), y])
    if label_smoothing > 0:
        part = (1 - label_smoothing) * part + label_smoothing / shape[1] * (w.sum() * normaliser - z @ w)
    if reduction == "none":
        full = np.zeros(shape[0], work)
        full[keep] = part
        return full
    total = float(part.sum())
    if reduction == "mean" and len(keep):
        total /= float(w[y].sum())
    return total


def cross_entropy_grad(logits, targets, *, weight=None, label_smoothing=0.0, ignore_index=-100, reduction="mean"):
    if reduction not in {"sum", "mean"}:
        raise ValueError("reduction")
    z, y, w, keep, shape, work = _rows(logits, targets, weight, label_smoothing, ignore_index)
    p = np.exp(z)
    p /= p.sum(1, keepdims=True)
    at = np.arange(len(y))
    part = p * w[y][:, None]
    part[at, y] -= w[y]
    part = (1 - label_smoothing) * part + label_smoothing / shape[1] * (w.sum() * p - w)
    if reduction == "mean" and len(keep):
        part = part / w[y].sum()
    full = np.zeros(shape, work)
    full[keep] = part
    return full
