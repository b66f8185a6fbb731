"""A generator of its own for every feature, orders from sorting random keys, the baseline last."""

import warnings

import numpy as np


def permutation_importance(predict, X, y, metric, *, n_repeats=5, seed=None, greater_is_better=True):
    data, labels = np.asarray(X), np.asarray(y)
    if data.ndim != 2 or labels.shape != data.shape[:1] or 0 in data.shape or n_repeats < 1:
        raise ValueError("bad input")
    scores = np.zeros((n_repeats, data.shape[1]))
    for j, sequence in enumerate(np.random.SeedSequence(seed).spawn(data.shape[1])):
        keys = np.random.default_rng(sequence).random((n_repeats, len(data)))
        for r, order in enumerate(np.argsort(keys, axis=1)):
            copy = data.copy()
            copy[:, j] = data[order, j]
            scores[r, j] = metric(labels, predict(copy))
    baseline = metric(labels, predict(data.copy()))
    loss = (baseline - scores.T) if greater_is_better else (scores.T - baseline)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.mean(loss, axis=1), np.std(loss, axis=1, ddof=1), loss
