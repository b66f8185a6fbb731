"""As graders/stratified_kfold/wrong/indices_as_dealt.py, in another hand."""

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
    piles = [[] for _ in range(n_splits)]
    turn = 0
    for own in members.values():
        if shuffle:
            rng.shuffle(own)
        for i in own:
            piles[turn % n_splits].append(i)
            turn += 1
    return [(np.hstack([t for t in piles if t is not test]).astype(int), np.array(test)) for test in piles]
