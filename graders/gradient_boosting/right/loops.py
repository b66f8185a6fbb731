"""Plain Python lists and loops; classes are -1 and 1; rows are drawn by the standard library."""

import math
import random

import numpy as np


def rows_of(X):
    if np.ndim(X) != 2:
        raise ValueError("two dimensions, please")
    width = np.shape(X)[1]
    rows = [[float(value) for value in row] for row in np.asarray(X).tolist()]
    if any(not math.isfinite(value) for row in rows for value in row):
        raise ValueError("not finite")
    return rows, width


class GradientBoosting:
    def __init__(self, *, loss="squared", n_stages=100, learning_rate=0.1, subsample=1.0, seed=0):
        if loss not in ("squared", "log"):
            raise ValueError("loss")
        if n_stages < 1 or learning_rate <= 0 or subsample <= 0 or subsample > 1:
            raise ValueError("options")
        self.loss, self.n_stages, self.rate, self.subsample, self.seed = loss, n_stages, learning_rate, subsample, seed
        self.stumps = None

    def fit(self, X, y):
        rows, self.width = rows_of(X)
        target = np.asarray(y).tolist()
        n = len(rows)
        if len(target) != n or n == 0:
            raise ValueError("lengths")
        if self.loss == "log":
            self.classes_ = np.unique(np.asarray(y))
            if len(self.classes_) != 2:
                raise ValueError("two classes, please")
            target = [1 if label == self.classes_[1] else -1 for label in np.asarray(y)]
            mean = sum(target) / n
            self.start = math.log((1 + mean) / (1 - mean))
        else:
            target = [float(value) for value in target]
            if not all(map(math.isfinite, target)):
                raise ValueError("not finite")
            self.start = math.fsum(target) / n
        source = random.Random(self.seed)
        raw = [self.start] * n
        self.stumps, losses = [], [self.mean_loss(target, raw)]
        for _ in range(self.n_stages):
            drawn = list(range(n))
            if self.subsample < 1:
                drawn = source.sample(drawn, max(1, int(self.subsample * n)))
            residual, weight = {}, {}
            for i in drawn:
                if self.loss == "log":
                    other = 1 / (1 + math.exp(min(target[i] * raw[i], 700)))  # probability of the other class
                    residual[i], weight[i] = target[i] * other, other * (1 - other)
                else:
                    residual[i], weight[i] = target[i] - raw[i], 1.0
            stump = self.grow(rows, drawn, residual, weight)
            raw = [value + self.rate * leaf(stump, row) for value, row in zip(raw, rows, strict=True)]
            self.stumps.append(stump)
            losses.append(self.mean_loss(target, raw))
        self.train_loss_ = np.array(losses)
        return self

    def grow(self, rows, drawn, residual, weight):
        n, total = len(drawn), sum(residual.values())
        best = None
        for feature in range(self.width):
            order = sorted(drawn, key=lambda i: rows[i][feature])
            left = 0.0
            for k in range(1, n):
                i, j = order[k - 1], order[k]
                left += residual[i]
                low, high = rows[i][feature], rows[j][feature]
                if low == high:
                    continue
                gain = left * left / k + (total - left) ** 2 / (n - k) - total * total / n
                if best is None or gain > best[0] + 1e-9 * abs(best[0]):
                    best = gain, feature, (low + high) / 2
        _, feature, threshold = best or (0, 0, math.inf)
        values = []
        for side in (True, False):
            inside = [i for i in drawn if (rows[i][feature] <= threshold if best else True) == side]
            below = sum(weight[i] for i in inside)
            values.append(sum(residual[i] for i in inside) / below if below >= 1e-10 else 0.0)
        return feature if best else None, threshold, values

    def mean_loss(self, target, raw):
        total = 0.0
        for t, f in zip(target, raw, strict=True):
            if self.loss == "log":
                total += math.log1p(math.exp(-abs(f))) + max(-t * f, 0.0)
            else:
                total += (t - f) ** 2
        return total / len(raw)

    def staged_raw(self, X):
        if self.stumps is None:
            raise RuntimeError("fit first")
        rows, width = rows_of(X)
        if width != self.width:
            raise ValueError("features")
        table = [[self.start] * len(rows)]
        for stump in self.stumps:
            table.append([value + self.rate * leaf(stump, row) for value, row in zip(table[-1], rows, strict=True)])
        return np.array(table, dtype=float)

    def predict_proba(self, X):
        raw = self.staged_raw(X)[-1]
        if self.loss == "squared":
            raise ValueError("no probabilities")
        second = np.array([0.5 * (1 + math.tanh(value / 2)) for value in raw])
        return np.column_stack([1 - second, second])

    def predict(self, X):
        raw = self.staged_raw(X)[-1]
        if self.loss == "squared":
            return raw
        return self.classes_[np.where(raw > 0, 1, 0)]


def leaf(stump, row):
    feature, threshold, (left, right) = stump
    return left if feature is None or row[feature] <= threshold else right
