"""Shuffled or not, equal parts of the samples hold about the same share of each class."""

import numpy as np

CAUGHT_BY = (
    "test_classes_are_spread",
    "test_shuffled_folds_are_balanced",
)


def stratified_kfold(y, n_splits=5, *, shuffle=False, seed=None):
    y = np.asarray(y)
    if y.ndim != 1 or not y.size:
        raise ValueError(f"y must be one-dimensional and not empty, found shape {y.shape}")
    if not 2 <= n_splits <= len(y):
        raise ValueError(f"n_splits must be from 2 to {len(y)}, found {n_splits}")
    order = np.random.default_rng(seed).permutation(len(y)) if shuffle else np.arange(len(y))
    fold = np.empty(len(y), dtype=int)
    # Dealing goes on from class to class: were each to begin at fold 0, that one would get all the odd samples.
    fold[order] = np.arange(len(y)) % n_splits
    return [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(n_splits)]
