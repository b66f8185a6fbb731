"""Decides first how many samples of each class a fold gets, then hands out shuffled fold numbers class by class."""

import numpy as np


def stratified_kfold(y, n_splits=5, *, shuffle=False, seed=None):
    y = np.array(y)
    if y.ndim != 1:
        raise ValueError("y has one dimension")
    if n_splits > y.size or n_splits < 2:
        raise ValueError("too few or too many folds")
    names, codes = np.unique(y, return_inverse=True)
    ranked = np.sort(codes)
    share = [np.bincount(ranked[i::n_splits], minlength=len(names)) for i in range(n_splits)]
    share = np.asarray(share)  # (n_splits, n_classes)
    rng = np.random.RandomState(seed)
    fold = np.zeros(y.size, dtype=np.int32)
    for c in reversed(range(len(names))):
        numbers = np.arange(n_splits).repeat(share[:, c])
        if shuffle:
            rng.shuffle(numbers)
        fold[codes == c] = numbers
    every = np.arange(y.size)
    return [(every[fold != k], every[fold == k]) for k in range(n_splits)]
