"""Labels are small whole numbers, and there are enough of them."""

import numpy as np

CAUGHT_BY = (
    "test_bad_input",
    "test_kinds_of_labels",
)


def stratified_kfold(y, n_splits=5, *, shuffle=False, seed=None):
    y = np.asarray(y)
    classes = y.astype(int)
    order = np.random.default_rng(seed).permutation(len(y)) if shuffle else np.arange(len(y))
    order = order[np.argsort(classes[order], kind="stable")]  # class after class, each in the order drawn
    fold = np.empty(len(y), dtype=int)
    # Dealing goes on from class to class: were each to begin at fold 0, that one would get all the odd samples.
    fold[order] = np.arange(len(y)) % n_splits
    return [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(n_splits)]
