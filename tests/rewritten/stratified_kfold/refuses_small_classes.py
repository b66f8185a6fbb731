"""As graders/stratified_kfold/wrong/refuses_small_classes.py, in another hand."""

import numpy as np


def stratified_kfold(y, n_splits=5, *, shuffle=False, seed=None):
    labels = np.asarray(y)
    if labels.ndim != 1 or len(labels) == 0:
        raise ValueError("y has to be a flat list of labels")
    if n_splits < 2 or n_splits > len(labels):
        raise ValueError("n_splits does not fit the number of samples")
    by_class = {}
    for i, label in enumerate(labels.tolist()):
        by_class.setdefault(label, []).append(i)
    if any(len(own) < n_splits for own in by_class.values()):
        raise ValueError("a class has fewer samples than there are folds")
    rng = np.random.default_rng(seed)
    tests = [[] for _ in range(n_splits)]
    turn = 0
    for own in by_class.values():
        if shuffle:
            rng.shuffle(own)
        for i in own:
            tests[turn % n_splits].append(i)
            turn += 1
    return [(others(test, len(labels)), np.array(sorted(test), dtype=int)) for test in tests]


def others(test, n):
    mine = set(test)
    return np.array([i for i in range(n) if i not in mine], dtype=int)
