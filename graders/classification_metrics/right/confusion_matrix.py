"""Builds the confusion matrix of everything that occurs, and picks rows, columns and diagonal of the chosen classes."""

import numpy as np


def precision_recall_fbeta(y_true, y_pred, *, beta=1.0, average=None, labels=None, zero_division=0.0):
    a, b = np.array(y_true), np.array(y_pred)
    if a.ndim != 1 or b.ndim != 1 or len(a) != len(b) or len(a) == 0:
        raise ValueError("bad labels")
    if beta < 0:
        raise ValueError("bad beta")
    parts = [a, b] if labels is None else [a, b, np.array(labels)]
    if len(parts[-1]) == 0:
        raise ValueError("no labels")
    every, codes = np.unique(np.concatenate(parts), return_inverse=True)
    n, k = len(a), len(every)
    matrix = np.bincount(codes[:n] * k + codes[n : 2 * n], minlength=k * k).reshape(k, k).astype(float)
    picked = np.arange(k) if labels is None else codes[2 * n :]
    tp, of_class, said = matrix.diagonal()[picked], matrix.sum(axis=1)[picked], matrix.sum(axis=0)[picked]
    weights = {"macro": np.ones(len(picked)), "weighted": of_class, None: None, "micro": None}
    if average not in weights:
        raise ValueError("bad average")
    if average == "micro":
        tp, of_class, said = tp.sum(), of_class.sum(), said.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(said == 0, zero_division, tp / said)
        r = np.where(of_class == 0, zero_division, tp / of_class)
        whole = beta**2 * of_class + said
        f = np.where(whole == 0, zero_division, (1 + beta**2) * tp / whole)
    if average in ("macro", "weighted"):
        w = weights[average]
        if w.sum() == 0:
            return (float(zero_division),) * 3
        return np.average(p, weights=w), np.average(r, weights=w), np.average(f, weights=w)
    return p, r, f
