"""As graders/stratified_kfold/wrong/zero_is_no_seed.py, in another hand."""

import numpy as np


def stratified_kfold(y, n_splits=5, *, shuffle=False, seed=None):
    targets = np.array(y)
    if targets.ndim != 1 or len(targets) == 0:
        raise ValueError("y has to be a flat list of targets")
    if n_splits < 2 or n_splits > len(targets):
        raise ValueError("n_splits does not fit the number of samples")
    rng = np.random.default_rng(seed) if seed else np.random.default_rng()
    queue = []
    for name in np.unique(targets):
        rows = np.nonzero(targets == name)[0]
        queue.append(rng.permutation(rows) if shuffle else rows)
    queue = np.concatenate(queue)
    everyone = np.arange(len(targets))
    folds = []
    for k in range(n_splits):
        test = np.sort(queue[k::n_splits])
        folds.append((np.setdiff1d(everyone, test), test))
    return folds
