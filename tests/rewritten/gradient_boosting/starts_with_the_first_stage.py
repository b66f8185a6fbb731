"""As graders/gradient_boosting/wrong/starts_with_the_first_stage.py, in another hand."""

import math
import random

import numpy as np


class GradientBoosting:
    def __init__(self, *, loss="squared", n_stages=100, learning_rate=0.1, subsample=1.0, seed=0):
        self.loss = loss
        self.n_stages = n_stages
        self.learning_rate = learning_rate
        self.subsample = subsample
        self.seed = seed

    def fit(self, X, y):
        if self.loss not in ("squared", "log"):
            raise ValueError("unknown loss")
        if self.n_stages < 1 or self.learning_rate <= 0:
            raise ValueError("n_stages and learning_rate must be positive")
        if self.subsample <= 0 or self.subsample > 1:
            raise ValueError("subsample is a share")
        X = read(X)
        y = np.array(y)
        n = len(X)
        if n == 0 or y.shape != (n,):
            raise ValueError("y must have one entry for each row")
        if y.dtype.kind == "f" and not np.isfinite(y).all():
            raise ValueError("y must be finite")
        self.classes_ = None
        if self.loss == "log":
            self.classes_ = np.unique(y)
            if self.classes_.size != 2:
                raise ValueError("two classes are needed")
            y = y == self.classes_[1]
        truth = [float(v) for v in y]
        average = math.fsum(truth) / n
        self.first = math.log(average) - math.log(1 - average) if self.loss == "log" else average
        scores = [self.first] * n
        draw = random.Random(int(self.seed))
        size = max(1, int(self.subsample * n))
        self.stages, self.width = [], X.shape[1]
        history = [self.average_loss(truth, scores)]
        for _ in range(self.n_stages):
            rows = sorted(draw.sample(range(n), size))
            gradient, weight = self.slopes(truth, scores)
            stage = self.grow(X, rows, gradient, weight)
            self.stages.append(stage)
            for i in range(n):
                scores[i] += self.learning_rate * answer(stage, X[i])
            history.append(self.average_loss(truth, scores))
        self.train_loss_ = np.array(history)
        return self

    def slopes(self, truth, scores):
        if self.loss == "squared":
            return [t - f for t, f in zip(truth, scores, strict=True)], [1.0] * len(truth)
        chance = [logistic(f) for f in scores]
        return [t - p for t, p in zip(truth, chance, strict=True)], [p * (1 - p) for p in chance]

    def average_loss(self, truth, scores):
        total = 0.0
        for t, f in zip(truth, scores, strict=True):
            if self.loss == "squared":
                total += (t - f) ** 2
            else:
                total += max(f, 0.0) + math.log1p(math.exp(-abs(f))) - t * f
        return total / len(truth)

    def grow(self, X, rows, gradient, weight):
        total = sum(gradient[i] for i in rows)
        m = len(rows)
        cuts = []
        for feature in range(X.shape[1]):
            ranked = sorted(rows, key=X[:, feature].tolist().__getitem__)
            running = 0.0
            for done in range(1, m):
                running += gradient[ranked[done - 1]]
                a, b = X[ranked[done - 1], feature], X[ranked[done], feature]
                if a < b:
                    gain = running**2 / done + (total - running) ** 2 / (m - done) - total**2 / m
                    cuts.append((gain, feature, a + (b - a) / 2))
        if not cuts:
            value = self.leaf(rows, gradient, weight)
            return 0, math.inf, value, value
        top = max(cut[0] for cut in cuts)
        _, feature, threshold = next(cut for cut in cuts if cut[0] >= top - 1e-9 * abs(top))
        small = [i for i in rows if X[i, feature] <= threshold]
        large = [i for i in rows if X[i, feature] > threshold]
        return feature, threshold, self.leaf(small, gradient, weight), self.leaf(large, gradient, weight)

    def leaf(self, rows, gradient, weight):
        below = sum(weight[i] for i in rows)
        if below < 1e-10:
            return 0.0
        return sum(gradient[i] for i in rows) / below

    def staged_raw(self, X):
        if not hasattr(self, "stages"):
            raise RuntimeError("fit was not called")
        X = read(X)
        if X.shape[1] != self.width:
            raise ValueError("number of features")
        sums = np.full(len(X), self.first)
        result = []
        for stage in self.stages:
            sums = sums + [self.learning_rate * answer(stage, row) for row in X]
            result.append(sums)
        return np.array(result)

    def predict_proba(self, X):
        last = self.staged_raw(X)[-1]
        if self.loss == "squared":
            raise ValueError("squared loss knows no probabilities")
        return np.array([[logistic(-f), logistic(f)] for f in last]).reshape(-1, 2)

    def predict(self, X):
        last = self.staged_raw(X)[-1]
        if self.loss == "squared":
            return last
        return self.classes_[np.where(last > 0, 1, 0)]


def answer(stage, row):
    feature, threshold, low, high = stage
    if threshold == math.inf:
        return low
    return low if row[feature] <= threshold else high


def logistic(f):
    if f < 0:
        return math.exp(f) / (1 + math.exp(f))
    return 1 / (1 + math.exp(-f))


def read(X):
    X = np.array(X, dtype=np.float64)
    if X.ndim != 2 or not np.isfinite(X).all():
        raise ValueError("a finite table is needed")
    return X
