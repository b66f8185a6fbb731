"""As graders/stratified_kfold/wrong/plain_folds.py, in another hand."""

import numpy as np


def stratified_kfold(y, n_splits=5, *, shuffle=False, seed=None):
    labels = np.asarray(y)
    if labels.ndim != 1 or len(labels) == 0:
        raise ValueError("y has to be a flat list of labels")
    if n_splits < 2 or n_splits > len(labels):
        raise ValueError("n_splits does not fit the number of samples")
    rows = np.arange(len(labels))
    if shuffle:
        np.random.default_rng(seed).shuffle(rows)
    parts = [np.sort(part) for part in np.array_split(rows, n_splits)]
    return [(np.sort(np.concatenate(parts[:k] + parts[k + 1 :])), parts[k]) for k in range(n_splits)]
