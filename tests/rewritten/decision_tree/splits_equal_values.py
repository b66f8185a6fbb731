"""As graders/decision_tree/wrong/splits_equal_values.py, in another hand."""

import math

import numpy as np

EPS = 1e-9


def best_split(X, y, *, criterion="gini", min_samples_leaf=1):
    table, labels = prepare(X, y)
    check_options(criterion, min_samples_leaf)
    _, numbers = np.unique(labels, return_inverse=True)
    return find_split(table, numbers.tolist(), criterion, min_samples_leaf)


def prepare(X, y):
    table = np.array(X, dtype=np.float64)
    labels = np.array(y)
    if table.ndim != 2 or len(table) == 0 or labels.shape != table.shape[:1]:
        raise ValueError("X must be a table with one label for each row")
    if np.isnan(table).any() or np.isinf(table).any():
        raise ValueError("X must be finite")
    return table, labels


def check_options(criterion, min_samples_leaf, max_depth=None):
    if criterion not in {"gini", "entropy"}:
        raise ValueError("criterion must be gini or entropy")
    if min_samples_leaf < 1:
        raise ValueError("min_samples_leaf must be 1 or more")
    if max_depth is not None and max_depth < 0:
        raise ValueError("max_depth must be 0 or more")


def disorder(counts, size, criterion):
    if criterion == "gini":
        return 1.0 - sum(c * c for c in counts) / (size * size)
    return sum(-c / size * math.log2(c / size) for c in counts if c)


def find_split(table, numbers, criterion, min_samples_leaf):
    size, width = table.shape
    counts = [0] * (max(numbers) + 1)
    for number in numbers:
        counts[number] += 1
    if size in counts:
        return None
    here = disorder(counts, size, criterion)
    candidates = []
    for feature in range(width):
        column = table[:, feature].tolist()
        ranked = sorted(range(size), key=column.__getitem__)
        left, right = [0] * len(counts), list(counts)
        for done in range(1, size):
            row, following = ranked[done - 1], ranked[done]
            left[numbers[row]] += 1
            right[numbers[row]] -= 1
            if done < min_samples_leaf or size - done < min_samples_leaf:
                continue
            inside = done / size * disorder(left, done, criterion)
            inside += (size - done) / size * disorder(right, size - done, criterion)
            candidates.append((here - inside, feature, column[row], column[following]))
    if not candidates:
        return None
    top = max(candidate[0] for candidate in candidates)
    gain, feature, low, high = next(candidate for candidate in candidates if candidate[0] >= top - EPS)
    return feature, between(low, high), gain


def between(low, high):
    middle = low + (high - low) / 2 if low >= 0 or high <= 0 else (low + high) / 2
    return middle if middle < high else low


class DecisionTree:
    def __init__(self, *, criterion="gini", max_depth=None, min_samples_leaf=1):
        self.criterion = criterion
        self.max_depth = max_depth
        self.min_samples_leaf = min_samples_leaf

    def fit(self, X, y):
        table, labels = prepare(X, y)
        check_options(self.criterion, self.min_samples_leaf, self.max_depth)
        self.classes_, numbers = np.unique(labels, return_inverse=True)
        self.width = table.shape[1]
        self.root, self.deepest, self.leaves = {}, 0, 0
        todo = [(self.root, list(range(len(table))), 0)]
        while todo:
            node, members, depth = todo.pop()
            mine = numbers[members]
            split = None
            if self.max_depth is None or depth < self.max_depth:
                split = find_split(table[members], mine.tolist(), self.criterion, self.min_samples_leaf)
            small, large = [], []
            if split is not None:
                small = [row for row in members if table[row, split[0]] <= split[1]]
                large = [row for row in members if table[row, split[0]] > split[1]]
            if not small or not large:
                node["shares"] = np.bincount(mine, minlength=len(self.classes_)) / len(members)
                self.leaves += 1
                self.deepest = max(self.deepest, depth)
                continue
            node["feature"], node["threshold"] = split[0], split[1]
            node["low"], node["high"] = {}, {}
            todo.append((node["low"], small, depth + 1))
            todo.append((node["high"], large, depth + 1))
        return self

    def predict_proba(self, X):
        self.fitted()
        table = np.array(X, dtype=np.float64)
        if table.ndim != 2 or table.shape[1] != self.width or not np.isfinite(table).all():
            raise ValueError("X must be a finite table as wide as at fit")
        answer = np.empty((len(table), len(self.classes_)))
        for i, sample in enumerate(table.tolist()):
            node = self.root
            while "shares" not in node:
                node = node["low"] if sample[node["feature"]] <= node["threshold"] else node["high"]
            answer[i] = node["shares"]
        return answer

    def predict(self, X):
        best = np.argmax(self.predict_proba(X), axis=1)
        return self.classes_[best]

    def get_depth(self):
        self.fitted()
        return self.deepest

    def get_n_leaves(self):
        self.fitted()
        return self.leaves

    def fitted(self):
        if not hasattr(self, "root"):
            raise RuntimeError("fit comes first")
