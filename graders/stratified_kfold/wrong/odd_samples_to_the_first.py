"""Each class is dealt out beginning with the first fold."""

import numpy as np

CAUGHT_BY = (
    "test_odd_samples",
    "test_small_classes",
)


def stratified_kfold(y, n_splits=5, *, shuffle=False, seed=None):
    y = np.asarray(y)
    if y.ndim != 1 or not y.size:
        raise ValueError(f"y must be one-dimensional and not empty, found shape {y.shape}")
    if not 2 <= n_splits <= len(y):
        raise ValueError(f"n_splits must be from 2 to {len(y)}, found {n_splits}")
    classes = np.unique(y, return_inverse=True)[1]
    order = np.random.default_rng(seed).permutation(len(y)) if shuffle else np.arange(len(y))
    order = order[np.argsort(classes[order], kind="stable")]  # class after class, each in the order drawn
    fold = np.empty(len(y), dtype=int)
    for c in range(classes.max() + 1):
        mine = order[classes[order] == c]
        fold[mine] = np.arange(len(mine)) % n_splits
    return [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(n_splits)]
