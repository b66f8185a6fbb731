"""Splits each class into nearly equal parts and turns the parts round by what was left over before."""

import numpy as np


def stratified_kfold(y, n_splits=5, *, shuffle=False, seed=None):
    labels = np.asarray(y)
    if labels.ndim != 1 or labels.size < n_splits or n_splits <= 1:
        raise ValueError("cannot be split")
    draw = np.random.Generator(np.random.PCG64(seed))
    tests = [[] for _ in range(n_splits)]
    shift = 0
    for name in dict.fromkeys(labels.tolist()):
        mine = np.nonzero(labels == name)[0]
        if shuffle:
            mine = mine[np.argsort(draw.random(len(mine)))]
        for k, part in enumerate(np.array_split(mine, n_splits)):
            tests[(k + shift) % n_splits].append(part)
        shift = (shift + len(mine)) % n_splits
    tests = [np.sort(np.concatenate(parts)) for parts in tests]
    return [(np.setdiff1d(np.arange(len(labels)), test, assume_unique=True), test) for test in tests]
