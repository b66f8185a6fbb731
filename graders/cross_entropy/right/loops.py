"""Python numbers and loops over classes, columns at a time, with the gradient from the derivative of each term."""

import math

import numpy as np


def _columns(logits, targets, weight, eps, ignore_index):
    if eps < 0 or eps > 1:
        raise ValueError("label_smoothing must lie between 0 and 1")
    n, c = np.shape(logits)
    weights = [1.0] * c if weight is None else [float(w) for w in weight]
    kept = np.array([t != ignore_index for t in targets.tolist()], dtype=bool)
    known = np.zeros(n, dtype=bool)
    columns = []
    for k in range(c):
        known |= targets == k
        columns.append(np.where(kept, logits[:, k], 0.0).astype(float))
    if not (known | ~kept).all():
        raise ValueError("a target is no class")
    highest = columns[0]
    for column in columns[1:]:
        highest = np.maximum(highest, column)
    normaliser = np.zeros(n)
    for column in columns:
        normaliser += np.exp(column - highest)
    normaliser = np.log(normaliser) + highest
    return columns, weights, kept, normaliser


def _divisor(targets, weights, kept, reduction):
    if reduction == "sum" or not kept.any():
        return 1.0
    return math.fsum(w * float(np.sum((targets == k) & kept)) for k, w in enumerate(weights))


def cross_entropy(logits, targets, *, weight=None, label_smoothing=0.0, ignore_index=-100, reduction="mean"):
    if reduction not in ["mean", "sum", "none"]:
        raise ValueError("reduction")
    columns, weights, kept, normaliser = _columns(logits, targets, weight, label_smoothing, ignore_index)
    loss = np.zeros(len(targets))
    for k, (column, w) in enumerate(zip(columns, weights, strict=True)):
        minus_log = normaliser - column
        chosen = kept & (targets == k)
        loss[chosen] += (1 - label_smoothing) * w * minus_log[chosen]
        if label_smoothing:
            loss[kept] += label_smoothing / len(columns) * w * minus_log[kept]
    if reduction == "none":
        return loss.astype(logits.dtype if logits.dtype.kind == "f" else float)
    return math.fsum(loss.tolist()) / _divisor(targets, weights, kept, reduction)


def cross_entropy_grad(logits, targets, *, weight=None, label_smoothing=0.0, ignore_index=-100, reduction="mean"):
    if reduction not in ["mean", "sum"]:
        raise ValueError("reduction")
    columns, weights, kept, normaliser = _columns(logits, targets, weight, label_smoothing, ignore_index)
    of_target = np.zeros(len(targets))
    for k, w in enumerate(weights):
        of_target += (1 - label_smoothing) * w * (kept & (targets == k))
    share = label_smoothing / len(columns)
    grad = np.zeros(logits.shape, dtype=logits.dtype if logits.dtype.kind == "f" else float)
    divisor = _divisor(targets, weights, kept, reduction)
    for k, (column, w) in enumerate(zip(columns, weights, strict=True)):
        p = np.exp(column - normaliser)
        slope = (of_target + share * sum(weights)) * p - share * w - of_target * (targets == k)
        grad[:, k] = np.where(kept, slope, 0.0) / divisor
    return grad
