"""Sorts all features in one call and weighs sides by counts; recursion with a raised limit."""

import sys

import numpy as np


def check(X, y, criterion, min_samples_leaf):
    X, y = check_points(X), np.array(y)
    if y.ndim != 1 or len(y) != len(X) or len(y) == 0:
        raise ValueError("y")
    if criterion != "gini" and criterion != "entropy":
        raise ValueError("criterion")
    if not min_samples_leaf >= 1:
        raise ValueError("min_samples_leaf")
    return X, y


def check_points(X):
    X = np.array(X, dtype=float, order="F")
    if X.ndim != 2 or np.isnan(X).any() or np.isinf(X).any():
        raise ValueError("X")
    return X


def weighted(counts, criterion):
    """Number of samples times impurity."""
    n = counts.sum(axis=-1)
    safe = np.maximum(n, 1)
    if criterion == "gini":
        return n - (counts.astype(float) ** 2).sum(axis=-1) / safe
    logs = np.log(np.maximum(counts, 1))
    return (n * np.log(safe) - (counts * logs).sum(axis=-1)) / np.log(2)


def best_split(X, y, *, criterion="gini", min_samples_leaf=1):
    X, y = check(X, y, criterion, min_samples_leaf)
    classes = np.unique(y)
    n, d = X.shape
    if len(classes) < 2 or n < 2 or d == 0:
        return None
    order = X.argsort(axis=0, kind="mergesort")
    values = np.take_along_axis(X, order, axis=0)
    hot = (y[order][:, :, None] == classes).astype(np.int64)
    running = hot.cumsum(axis=0)
    left, total = running[:-1], running[-1]
    cost = weighted(left, criterion) + weighted(total - left, criterion)
    sizes = np.arange(1, n)[:, None]
    possible = (values[1:] != values[:-1]) & (sizes >= min_samples_leaf) & (n - sizes >= min_samples_leaf)
    if not possible.any():
        return None
    gain = (weighted(total[0], criterion) - cost) / n
    gain = np.where(possible, gain, -1.0)
    feature, place = next((f, c) for f, c in np.argwhere(gain.max() - 1e-9 <= gain.T))
    a, b = values[place, feature], values[place + 1, feature]
    threshold = a + (b - a) / 2 if b - a < np.inf else (a + b) / 2
    return feature, min(threshold, np.nextafter(b, a)), gain[place, feature]


class DecisionTree:
    def __init__(self, *, criterion="gini", max_depth=None, min_samples_leaf=1):
        self.criterion, self.max_depth, self.min_samples_leaf = criterion, max_depth, min_samples_leaf
        self.tree = None

    def fit(self, X, y):
        X, y = check(X, y, self.criterion, self.min_samples_leaf)
        if (self.max_depth or 0) < 0:
            raise ValueError("max_depth")
        self.classes_, y = np.unique(y, return_inverse=True)
        self.n_features = X.shape[1]
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(100_000)
        try:
            self.leaves = []
            self.tree = self.grow(X, y, 0)
        finally:
            sys.setrecursionlimit(limit)
        return self

    def grow(self, X, y, depth):
        share = np.bincount(y, minlength=len(self.classes_)) / len(y)
        split = None
        if self.max_depth is None or depth < self.max_depth:
            split = best_split(X, y, criterion=self.criterion, min_samples_leaf=self.min_samples_leaf)
        if split is None:
            self.leaves.append(depth)
            return share
        mask = X[:, split[0]] <= split[1]
        return split[0], split[1], self.grow(X[mask], y[mask], depth + 1), self.grow(X[~mask], y[~mask], depth + 1)

    def predict_proba(self, X):
        if self.tree is None:
            raise RuntimeError("fit first")
        X = check_points(X)
        if X.shape[1] != self.n_features:
            raise ValueError("features")
        result = np.zeros((len(X), len(self.classes_)))
        todo = [(self.tree, np.arange(len(X)))]
        while todo:
            node, rows = todo.pop()
            if not isinstance(node, tuple):
                result[rows] = node
                continue
            feature, threshold, left, right = node
            low = X[rows, feature] <= threshold
            todo += [(left, rows[low]), (right, rows[~low])]
        return result

    def predict(self, X):
        best = np.argmax(self.predict_proba(X), axis=1)
        return self.classes_[best]

    def get_depth(self):
        if self.tree is None:
            raise RuntimeError("fit first")
        return max(self.leaves)

    def get_n_leaves(self):
        if self.tree is None:
            raise RuntimeError("fit first")
        return len(self.leaves)
