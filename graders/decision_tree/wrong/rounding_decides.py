"""The highest gain wins, even if it is higher by a rounding error."""

import numpy as np

CAUGHT_BY = ("test_rounding_decides_nothing",)

_TIE = 0.0


def best_split(X, y, *, criterion="gini", min_samples_leaf=1):
    points, _, codes = _checked(X, y, criterion, min_samples_leaf)
    return _search(points, codes, criterion, min_samples_leaf)


class DecisionTree:
    def __init__(self, *, criterion="gini", max_depth=None, min_samples_leaf=1):
        self.criterion = criterion
        self.max_depth = max_depth
        self.min_samples_leaf = min_samples_leaf

    def fit(self, X, y):
        points, classes, codes = _checked(X, y, self.criterion, self.min_samples_leaf)
        if self.max_depth is not None and self.max_depth < 0:
            raise ValueError(f"max_depth must not be negative, found {self.max_depth}")
        nodes, shares, self._depth = [], [], 0
        # A stack in place of recursion: a tree may be deeper than Python's call stack.
        waiting = [(np.arange(len(points)), 0, None)]
        while waiting:
            rows, depth, link = waiting.pop()
            place = len(nodes)
            if link is not None:
                parent, side = link
                nodes[parent][side] = place
            nodes.append([-1, 0.0, place, place])
            shares.append(np.bincount(codes[rows], minlength=len(classes)) / len(rows))
            self._depth = max(self._depth, depth)
            if depth == self.max_depth:
                continue
            split = _search(points[rows], codes[rows], self.criterion, self.min_samples_leaf)
            if split is not None:
                nodes[place][:2] = split[:2]
                goes_left = points[rows, split[0]] <= split[1]
                waiting.append((rows[~goes_left], depth + 1, (place, 3)))
                waiting.append((rows[goes_left], depth + 1, (place, 2)))
        feature, threshold, left, right = zip(*nodes, strict=True)
        self._feature, self._threshold = np.array(feature), np.array(threshold)
        self._children = np.array([left, right])
        self._shares, self._n_features, self.classes_ = np.array(shares), points.shape[1], classes
        return self

    def predict_proba(self, X):
        self._need_fit()
        points = _finite_matrix(X)
        if points.shape[1] != self._n_features:
            raise ValueError(f"X must have {self._n_features} features, as at fit, found {points.shape[1]}")
        node = np.zeros(len(points), dtype=int)
        rows = np.arange(len(points))
        while len(rows):
            rows = rows[self._feature[node[rows]] >= 0]  # those that are not in a leaf yet
            here = node[rows]
            goes_right = points[rows, self._feature[here]] > self._threshold[here]
            node[rows] = self._children[goes_right.astype(int), here]
        return self._shares[node]

    def predict(self, X):
        shares = self.predict_proba(X)
        return self.classes_[shares.argmax(axis=1)]

    def get_depth(self):
        self._need_fit()
        return self._depth

    def get_n_leaves(self):
        self._need_fit()
        return int((self._feature < 0).sum())

    def _need_fit(self):
        if not hasattr(self, "classes_"):
            raise RuntimeError("this DecisionTree has learnt nothing yet: call fit first")


def _search(points, codes, criterion, m):
    n = len(points)
    total = np.bincount(codes)
    if total.max() == n:
        return None
    best = None
    one_hot = np.eye(len(total))[codes]
    for feature in range(points.shape[1]):
        order = np.argsort(points[:, feature])
        x = points[order, feature]
        # A cut is the number of samples on the left; it lies where the value changes.
        cuts = np.flatnonzero(x[m - 1 : n - m] < x[m : n - m + 1]) + m
        if not len(cuts):
            continue
        left = one_hot[order].cumsum(axis=0)[cuts - 1]  # (n_cuts, n_classes)
        rest = cuts * _impurity(left, criterion) + (n - cuts) * _impurity(total - left, criterion)
        gains = _impurity(total, criterion) - rest / n
        place = np.argmax(gains >= gains.max() - _TIE)
        if best is None or gains[place] > best[2] + _TIE:
            low, high = x[cuts[place] - 1], x[cuts[place]]
            middle = low / 2 + high / 2  # low + high may overflow
            best = feature, float(middle if low <= middle < high else low), float(gains[place])
    return best


def _impurity(counts, criterion):
    p = counts / counts.sum(axis=-1, keepdims=True)
    if criterion == "gini":
        return 1 - (p**2).sum(axis=-1)
    return -(p * np.log2(np.where(p > 0, p, 1.0))).sum(axis=-1)


def _finite_matrix(X):
    points = np.asarray(X, dtype=np.float64)
    if points.ndim != 2 or not np.isfinite(points).all():
        raise ValueError(f"X must be two-dimensional and finite, found shape {points.shape}")
    return points


def _checked(X, y, criterion, min_samples_leaf):
    points, labels = _finite_matrix(X), np.asarray(y)
    if labels.shape != (len(points),) or not len(points):
        raise ValueError(f"X and y must have the same number of samples, not 0: {points.shape}, {labels.shape}")
    if criterion not in ("gini", "entropy"):
        raise ValueError(f"criterion must be gini or entropy, found {criterion!r}")
    if min_samples_leaf < 1:
        raise ValueError(f"min_samples_leaf must be at least 1, found {min_samples_leaf}")
    classes, codes = np.unique(labels, return_inverse=True)
    return points, classes, codes
