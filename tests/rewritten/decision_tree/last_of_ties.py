"""As graders/decision_tree/wrong/last_of_ties.py, in another hand."""

from collections import deque

import numpy as np


def gini(counts):
    share = counts / counts.sum(axis=1, keepdims=True)
    return np.sum(share * (1 - share), axis=1)


def entropy(counts):
    share = counts / counts.sum(axis=1, keepdims=True)
    logs = np.zeros_like(share)
    np.log2(share, out=logs, where=share > 0)
    return -np.sum(share * logs, axis=1)


MEASURES = {"gini": gini, "entropy": entropy}


def as_samples(X):
    X = np.asarray(X, dtype="float64")
    if X.ndim != 2:
        raise ValueError("X needs two dimensions")
    if not np.isfinite(X).all():
        raise ValueError("X needs finite numbers")
    return X


def as_labels(y, n):
    y = np.asarray(y)
    if n == 0 or y.shape != (n,):
        raise ValueError("y needs a label for each sample, and there must be samples")
    return np.unique(y, return_inverse=True)


def options_ok(criterion, min_samples_leaf):
    if criterion not in MEASURES:
        raise ValueError("no such criterion")
    if not min_samples_leaf >= 1:
        raise ValueError("leaves need at least one sample")


def best_split(X, y, *, criterion="gini", min_samples_leaf=1):
    options_ok(criterion, min_samples_leaf)
    X = as_samples(X)
    _, codes = as_labels(y, len(X))
    return split_of(X, codes, MEASURES[criterion], min_samples_leaf)


def split_of(X, codes, impurity, least):
    n = len(codes)
    kinds = np.unique(codes)
    if len(kinds) < 2:
        return None
    member = (codes[:, None] == kinds).astype(float)
    whole = member.sum(axis=0, keepdims=True)
    found = []
    for j, column in enumerate(X.T):
        order = column.argsort(kind="stable")
        ordered = column[order]
        below = np.cumsum(member[order], axis=0)[:-1]
        n_below = np.arange(1, n)
        valid = (ordered[1:] > ordered[:-1]) & (n_below >= least) & (n - n_below >= least)
        if not valid.any():
            continue
        below, n_below = below[valid], n_below[valid]
        share = n_below / n
        gain = impurity(whole) - share * impurity(below) - (1 - share) * impurity(whole - below)
        lows, highs = ordered[:-1][valid], ordered[1:][valid]
        found.append((np.full(len(gain), j), lows, highs, gain))
    if not found:
        return None
    feature, lows, highs, gain = (np.concatenate(parts) for parts in zip(*found, strict=True))
    at = np.nonzero(gain > gain.max() - 1e-9)[0][-1]
    return int(feature[at]), middle(float(lows[at]), float(highs[at])), float(gain[at])


def middle(a, b):
    half = 0.5 * a + 0.5 * b
    return a if half >= b else half


class DecisionTree:
    def __init__(self, *, criterion="gini", max_depth=None, min_samples_leaf=1):
        self.criterion, self.max_depth, self.min_samples_leaf = criterion, max_depth, min_samples_leaf

    def fit(self, X, y):
        options_ok(self.criterion, self.min_samples_leaf)
        limit = float("inf") if self.max_depth is None else self.max_depth
        if limit < 0:
            raise ValueError("a tree has no negative depth")
        X = as_samples(X)
        classes, codes = as_labels(y, len(X))
        tree = []
        queue = deque([(np.ones(len(X), dtype=bool).nonzero()[0], 0)])
        n_nodes = 1
        while queue:
            idx, depth = queue.popleft()
            split = None
            if depth < limit:
                split = split_of(X[idx], codes[idx], MEASURES[self.criterion], self.min_samples_leaf)
            share = np.array([np.mean(codes[idx] == c) for c in range(len(classes))])
            if split is None:
                tree.append((None, None, None, share, depth))
            else:
                j, cut, _ = split
                tree.append((j, cut, n_nodes, share, depth))
                n_nodes += 2
                low = X[idx, j] <= cut
                queue.append((idx[low], depth + 1))
                queue.append((idx[np.logical_not(low)], depth + 1))
        self.tree, self.classes_, self.n_columns = tree, classes, X.shape[1]
        return self

    def _tree(self):
        try:
            return self.tree
        except AttributeError:
            raise RuntimeError("this tree was not fitted") from None

    def predict_proba(self, X):
        tree = self._tree()
        X = as_samples(X)
        if X.shape[1] != self.n_columns:
            raise ValueError("other features than at fit")
        result = np.zeros((X.shape[0], len(self.classes_)))
        members = {0: np.arange(X.shape[0])}
        for place, (j, cut, child, share, _) in enumerate(tree):
            idx = members.pop(place)
            if j is None:
                result[idx] = share
            else:
                low = X[idx, j] <= cut
                members[child], members[child + 1] = idx[low], idx[~low]
        return result

    def predict(self, X):
        return self._name(self.predict_proba(X).argmax(axis=1))

    def _name(self, numbers):
        return np.take(self.classes_, numbers)

    def get_depth(self):
        return max(node[4] for node in self._tree())

    def get_n_leaves(self):
        return len([node for node in self._tree() if node[0] is None])
