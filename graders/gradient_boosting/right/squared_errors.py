"""Sorts once, minimises the squared error of both sides for all features in one array, and keeps a table of steps."""

import numpy as np


def check(X):
    X = np.array(X, dtype=np.float64)
    if X.ndim != 2:
        raise ValueError("ndim")
    if not np.isfinite(X).all():
        raise ValueError("finite")
    return X


def expit(f):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-f))


class GradientBoosting:
    def __init__(self, *, loss="squared", n_stages=100, learning_rate=0.1, subsample=1.0, seed=0):
        self.loss = loss
        self.n_stages = n_stages
        self.learning_rate = learning_rate
        self.subsample = subsample
        self.seed = seed
        self.n_features = None

    def fit(self, X, y):
        X, y = check(X), np.array(y)
        n, d = X.shape
        if y.shape != (n,) or n < 1:
            raise ValueError("shape")
        if self.loss not in {"squared", "log"} or self.n_stages < 1:
            raise ValueError("options")
        if self.learning_rate <= 0 or not (0.0 < self.subsample <= 1.0):
            raise ValueError("options")
        if self.loss == "log":
            self.classes_ = np.array(sorted(set(y.tolist())))
            if self.classes_.size != 2:
                raise ValueError("classes")
            y = (y == self.classes_[1]) * 1.0
            self.f0 = np.log(y.sum()) - np.log(n - y.sum())
        else:
            y = y.astype(float)
            if not np.isfinite(y).all():
                raise ValueError("y")
            self.f0 = y.sum() / n
        self.n_features = d
        order = np.argsort(X, axis=0, kind="stable")
        generator = np.random.RandomState(self.seed)
        m = max(int(n * self.subsample), 1)
        F = np.full(n, self.f0)
        self.steps, self.train_loss_ = [], np.empty(self.n_stages + 1)
        self.train_loss_[0] = self.cost(y, F)
        for stage in range(1, self.n_stages + 1):
            drawn = np.ones(n, dtype=bool)
            if m < n:
                drawn[:] = False
                drawn[np.argsort(generator.random_sample(n))[:m]] = True
            target = y - (expit(F) if self.loss == "log" else F)
            weight = expit(F) * expit(-F) if self.loss == "log" else np.ones(n)
            self.steps.append(self.stump(X, order, drawn, target, weight))
            F = F + self.learning_rate * self.leaf(self.steps[-1], X)
            self.train_loss_[stage] = self.cost(y, F)
        return self

    def cost(self, y, F):
        if self.loss == "squared":
            return np.mean(np.square(y - F))
        return np.mean(np.logaddexp(0, np.where(y == 1, -F, F)))

    def stump(self, X, order, drawn, target, weight):
        m, d = drawn.sum(), X.shape[1]
        place = np.stack([column[drawn[column]] for column in order.T], axis=1) if d else np.empty((m, 0), int)
        values = np.take_along_axis(X, place, axis=0)
        r = target[place]
        size = np.arange(1, m)[:, None]
        sums = r.cumsum(axis=0)
        error = (r * r).sum(axis=0) - sums[:-1] ** 2 / size - (sums[-1] - sums[:-1]) ** 2 / (m - size)
        whole = (r * r).sum(axis=0) - sums[-1] ** 2 / m
        possible = values[1:] > values[:-1]
        if not possible.any():
            mask = drawn.copy()
            return 0, np.inf, self.value(target, weight, mask), 0.0
        gain = np.where(possible, whole - error, -np.inf).T
        # Equal gains of different features differ by rounding.
        close = gain >= gain.max() - 1e-9 * abs(gain.max())
        feature, cut = np.unravel_index(np.argmax(close), close.shape)
        threshold = values[cut : cut + 2, feature].mean()
        low = X[:, feature] <= threshold
        return feature, threshold, self.value(target, weight, drawn & low), self.value(target, weight, drawn & ~low)

    def value(self, target, weight, mask):
        below = weight[mask].sum()
        return target[mask].sum() / below if below >= 1e-10 else 0.0

    def leaf(self, step, X):
        feature, threshold, left, right = step
        return np.where(X[:, feature] <= threshold, left, right)

    def staged_raw(self, X):
        if self.n_features is None:
            raise RuntimeError("fit")
        X = check(X)
        if X.shape[1] != self.n_features:
            raise ValueError("features")
        result = np.empty((self.n_stages + 1, len(X)))
        result[0] = self.f0
        for stage, step in enumerate(self.steps):
            result[stage + 1] = result[stage] + self.learning_rate * self.leaf(step, X)
        return result

    def predict_proba(self, X):
        F = self.staged_raw(X)[-1]
        if self.loss != "log":
            raise ValueError("loss")
        return np.array([expit(-F), expit(F)]).T

    def predict(self, X):
        if self.loss == "log" and self.n_features is not None:
            return np.where(self.staged_raw(X)[-1] <= 0, *self.classes_)
        return self.staged_raw(X)[-1]
