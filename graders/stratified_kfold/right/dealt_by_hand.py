"""Deals the samples of each class out in plain Python, each to the fold that is shortest of them."""

import random


def stratified_kfold(y, n_splits=5, *, shuffle=False, seed=None):
    if getattr(y, "ndim", 1) != 1 or len(y) == 0:
        raise ValueError("y")
    if n_splits < 2 or n_splits > len(y):
        raise ValueError("n_splits")
    members = {}
    for i, label in enumerate(y):
        members.setdefault(label, []).append(i)
    generator = random.Random(seed)
    folds = [[] for _ in range(n_splits)]
    for label in members:
        indices = members[label]
        if shuffle:
            generator.shuffle(indices)
        shortest_first = sorted(folds, key=len)
        for place, i in enumerate(indices):
            shortest_first[place % n_splits].append(i)
    result = []
    for fold in folds:
        test = set(fold)
        result.append(([i for i in range(len(y)) if i not in test], sorted(fold)))
    return result
