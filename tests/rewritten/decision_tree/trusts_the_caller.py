"""As graders/decision_tree/wrong/trusts_the_caller.py, in another hand."""

import math

import numpy as np

EPS = 1e-9


def best_split(X, y, *, criterion="gini", min_samples_leaf=1):
    table, labels = prepare(X, y)
    _, numbers = np.unique(labels, return_inverse=True)
    return find_split(table, numbers.tolist(), criterion, min_samples_leaf)


def prepare(X, y):
    table = np.array(X, dtype=np.float64)
    labels = np.array(y)
    return table, labels


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
            if column[row] == column[following]:
                continue
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
        self.classes_, numbers = np.unique(labels, return_inverse=True)
        self.root, self.deepest, self.leaves = {}, 0, 0
        todo = [(self.root, list(range(len(table))), 0)]
        while todo:
            node, members, depth = todo.pop()
            mine = numbers[members]
            split = None
            if self.max_depth is None or depth < self.max_depth:
                split = find_split(table[members], mine.tolist(), self.criterion, self.min_samples_leaf)
            if split is None:
                node["shares"] = np.bincount(mine, minlength=len(self.classes_)) / len(members)
                self.leaves += 1
                self.deepest = max(self.deepest, depth)
                continue
            node["feature"], node["threshold"] = split[0], split[1]
            node["low"], node["high"] = {}, {}
            small = [row for row in members if table[row, split[0]] <= split[1]]
            large = [row for row in members if table[row, split[0]] > split[1]]
            todo.append((node["low"], small, depth + 1))
            todo.append((node["high"], large, depth + 1))
        return self

    def predict_proba(self, X):
        self.fitted()
        table = np.array(X, dtype=np.float64)
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
