"""Plain Python: runs along the sorted samples with a counter on each side; the tree is nested tuples."""

from collections import Counter
from math import inf, isfinite, log2

import numpy as np


def impurity(counter, n, criterion):
    if criterion == "gini":
        return 1.0 - sum(c * c for c in counter.values()) / (n * n)
    return sum(c / n * log2(n / c) for c in counter.values() if c)


def check(X, y, criterion, min_samples_leaf):
    if criterion not in ("gini", "entropy") or min_samples_leaf < 1:
        raise ValueError("bad option")
    rows, labels = check_rows(X), np.asarray(y).tolist()
    if not rows or len(rows) != len(labels):
        raise ValueError("bad shapes")
    return rows, labels


def check_rows(X):
    X = np.asarray(X)
    if X.ndim != 2:
        raise ValueError("two dimensions, please")
    rows = [[float(value) for value in row] for row in X.tolist()]
    if not all(isfinite(value) for row in rows for value in row):
        raise ValueError("not finite")
    return rows


def best_split(X, y, *, criterion="gini", min_samples_leaf=1):
    return search(*check(X, y, criterion, min_samples_leaf), criterion, min_samples_leaf)


def search(rows, labels, criterion, least):
    n, total = len(rows), Counter(labels)
    if len(total) == 1:
        return None
    whole = impurity(total, n, criterion)
    best, best_gain = None, -inf
    for feature in range(len(rows[0])):
        pairs = sorted(zip([row[feature] for row in rows], range(n), strict=True))
        left, right = Counter(), Counter(total)
        for k in range(1, n):
            value, i = pairs[k - 1]
            left[labels[i]] += 1
            right[labels[i]] -= 1
            following = pairs[k][0]
            if value == following or k < least or n - k < least:
                continue
            gain = whole - (k * impurity(left, k, criterion) + (n - k) * impurity(right, n - k, criterion)) / n
            if gain > best_gain + 1e-9:
                middle = value * 0.5 + following * 0.5
                best, best_gain = (feature, value if middle >= following else middle, gain), gain
    return best


class DecisionTree:
    def __init__(self, *, criterion="gini", max_depth=None, min_samples_leaf=1):
        self.options = criterion, min_samples_leaf
        self.max_depth = max_depth
        self.root = None

    def fit(self, X, y):
        if self.max_depth is not None and self.max_depth < 0:
            raise ValueError("max_depth")
        rows, labels = check(X, y, *self.options)
        self.classes_ = np.unique(np.asarray(y))
        self.width, self.depth, self.n_leaves = len(rows[0]), 0, 0
        self.root = {}
        waiting = [(self.root, rows, labels, 0)]
        while waiting:
            node, rows, labels, depth = waiting.pop(0)
            split = None if depth == self.max_depth else search(rows, labels, *self.options)
            if split is None:
                count = Counter(labels)
                node["share"] = [count[label] / len(labels) for label in self.classes_.tolist()]
                self.depth, self.n_leaves = max(depth, self.depth), self.n_leaves + 1
                continue
            node["split"] = split
            for side in (True, False):
                inside = [k for k, row in enumerate(rows) if (row[split[0]] <= split[1]) == side]
                node[side] = {}
                waiting.append((node[side], [rows[k] for k in inside], [labels[k] for k in inside], depth + 1))
        return self

    def fitted(self):
        if self.root is None:
            raise RuntimeError("not fitted")
        return self

    def predict_proba(self, X):
        self.fitted()
        shares = []
        for row in check_rows(X):
            if len(row) != self.width:
                raise ValueError("another number of features")
            node = self.root
            while "split" in node:
                feature, threshold, _ = node["split"]
                node = node[row[feature] <= threshold]
            shares.append(node["share"])
        if np.asarray(X).shape[1] != self.width:
            raise ValueError("another number of features")
        return np.array(shares, dtype=float).reshape(len(shares), len(self.classes_))

    def predict(self, X):
        shares = self.predict_proba(X)
        return self.classes_[np.argmax(shares, axis=1)]

    def get_depth(self):
        return self.fitted().depth

    def get_n_leaves(self):
        return self.fitted().n_leaves
