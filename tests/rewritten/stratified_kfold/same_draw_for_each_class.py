"""As graders/stratified_kfold/wrong/same_draw_for_each_class.py, in another hand."""

import numpy as np


def stratified_kfold(y, n_splits=5, *, shuffle=False, seed=None):
    labels = np.asarray(y)
    if labels.ndim != 1 or len(labels) == 0:
        raise ValueError("y has to be a flat list of labels")
    if n_splits < 2 or n_splits > len(labels):
        raise ValueError("n_splits does not fit the number of samples")
    members = {}
    for i, label in enumerate(labels.tolist()):
        members.setdefault(label, []).append(i)
    tests = [[] for _ in range(n_splits)]
    dealt = 0
    for own in members.values():
        if shuffle:
            np.random.default_rng(seed).shuffle(own)
        for i in own:
            tests[dealt % n_splits].append(i)
            dealt += 1
    return [(others(test, len(labels)), np.array(sorted(test), dtype=int)) for test in tests]


def others(test, n):
    mine = set(test)
    return np.array([i for i in range(n) if i not in mine], dtype=int)
