"""As graders/stratified_kfold/wrong/global_seed.py, in another hand."""

import numpy as np


def stratified_kfold(y, n_splits=5, *, shuffle=False, seed=None):
    labels = np.array(y)
    if labels.ndim != 1 or len(labels) == 0:
        raise ValueError("y has to be a flat list of labels")
    if n_splits < 2 or n_splits > len(labels):
        raise ValueError("n_splits does not fit the number of samples")
    if seed is not None:
        np.random.seed(seed)
    queue = []
    for name in np.unique(labels):
        rows = np.nonzero(labels == name)[0]
        queue.append(np.random.permutation(rows) if shuffle else rows)
    queue = np.concatenate(queue)
    everyone = np.arange(len(labels))
    folds = []
    for k in range(n_splits):
        test = np.sort(queue[k::n_splits])
        folds.append((np.setdiff1d(everyone, test), test))
    return folds
