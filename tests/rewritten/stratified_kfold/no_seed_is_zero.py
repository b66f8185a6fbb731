"""As graders/stratified_kfold/wrong/no_seed_is_zero.py, in another hand."""

import numpy as np


def stratified_kfold(y, n_splits=5, *, shuffle=False, seed=None):
    labels = np.array(y)
    if labels.ndim != 1 or len(labels) == 0:
        raise ValueError("y has to be a flat list of labels")
    if n_splits < 2 or n_splits > len(labels):
        raise ValueError("n_splits does not fit the number of samples")
    rng = np.random.default_rng(seed or 0)
    line = []
    for name in np.unique(labels):
        rows = np.nonzero(labels == name)[0]
        line.append(rng.permutation(rows) if shuffle else rows)
    line = np.concatenate(line)
    everyone = np.arange(len(labels))
    folds = []
    for k in range(n_splits):
        test = np.sort(line[k::n_splits])
        folds.append((np.setdiff1d(everyone, test), test))
    return folds
