"""Dividends: what a set is worth beyond its subsets is shared equally by its members; one call for everything."""

import numpy as np


def shapley_values(predict, X, background):
    X, background = np.array(X, dtype=float, order="C"), np.array(background, dtype=float, order="C")
    if not (X.ndim == background.ndim == 2 and X.shape[1] == background.shape[1] and background.size):
        raise ValueError(f"shapes {X.shape} and {background.shape}")
    (n, d), m = X.shape, len(background)
    if d > 20:
        raise ValueError("too many features for all subsets")
    rows = np.empty((n * 2**d + 1, m, d))
    rows[-1] = background
    rows[:-1].reshape(n, 2**d, m, d)[:] = background
    tables = rows[:-1].reshape(n, *[2] * d, m, d)  # axis j + 1: whether feature j is in
    for j in range(d):
        np.moveaxis(tables, j + 1, 0)[1, ..., j] = X[:, j].reshape(n, *[1] * d)
    predictions = np.asarray(predict(rows.reshape(-1, d)))
    if predictions.shape != (len(rows) * m,):
        raise ValueError(f"predictions of shape {predictions.shape}")
    v = predictions.astype(float).reshape(-1, m).mean(axis=1)
    dividend = v[:-1].reshape(n, *[2] * d).copy()
    for j in range(d):
        with_j = np.moveaxis(dividend, j + 1, 0)
        with_j[1] -= with_j[0]
    shared = dividend / np.maximum(np.indices([2] * d).sum(axis=0), 1)
    values = [np.moveaxis(shared, j + 1, 0)[1].sum(axis=tuple(range(1, d))) for j in range(d)]
    return np.stack(values, axis=1), v[-1]
