"""Without a seed the generator starts from 0."""

import numpy as np

CAUGHT_BY = (
    "test_no_seed",
    "test_global_random_state",
)


def stratified_kfold(y, n_splits=5, *, shuffle=False, seed=None):
    y = np.asarray(y)
    if y.ndim != 1 or not y.size:
        raise ValueError(f"y must be one-dimensional and not empty, found shape {y.shape}")
    if not 2 <= n_splits <= len(y):
        raise ValueError(f"n_splits must be from 2 to {len(y)}, found {n_splits}")
    classes = np.unique(y, return_inverse=True)[1]
    order = np.random.default_rng(0 if seed is None else seed).permutation(len(y)) if shuffle else np.arange(len(y))
    order = order[np.argsort(classes[order], kind="stable")]  # class after class, each in the order drawn
    fold = np.empty(len(y), dtype=int)
    # Dealing goes on from class to class: were each to begin at fold 0, that one would get all the odd samples.
    fold[order] = np.arange(len(y)) % n_splits
    return [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(n_splits)]
