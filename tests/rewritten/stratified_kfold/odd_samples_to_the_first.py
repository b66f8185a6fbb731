"""As graders/stratified_kfold/wrong/odd_samples_to_the_first.py, in another hand."""

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
    rng = np.random.default_rng(seed)
    tests = [[] for _ in range(n_splits)]
    for group in members.values():
        if shuffle:
            rng.shuffle(group)
        for k in range(n_splits):
            tests[k] += group[k::n_splits]
    return [(others(test, len(labels)), np.array(sorted(test), dtype=int)) for test in tests]


def others(test, n):
    mine = set(test)
    return np.array([i for i in range(n) if i not in mine], dtype=int)
