"""As graders/stratified_kfold/wrong/trusts_the_caller.py, in another hand."""

import numpy as np


def stratified_kfold(y, n_splits=5, *, shuffle=False, seed=None):
    labels = np.asarray(y)
    rows_of = {}
    for i, label in enumerate(labels.tolist()):
        rows_of.setdefault(int(label), []).append(i)
    source = np.random.default_rng(seed)
    tests = [[] for _ in range(n_splits)]
    turn = 0
    for own in rows_of.values():
        if shuffle:
            source.shuffle(own)
        for i in own:
            tests[turn % n_splits].append(i)
            turn += 1
    return [(others(test, len(labels)), np.array(sorted(test), dtype=int)) for test in tests]


def others(test, n):
    mine = set(test)
    return np.array([i for i in range(n) if i not in mine], dtype=int)
