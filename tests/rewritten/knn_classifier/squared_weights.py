"""As graders/knn_classifier/wrong/squared_weights.py, in another hand."""

import math

import numpy as np


class KNNClassifier:
    def __init__(self, n_neighbors=5, *, weights="uniform", batch_memory_mb=64):
        self.n_neighbors = n_neighbors
        self.weights = weights
        self.batch_memory_mb = batch_memory_mb

    def fit(self, X, y):
        data = self._as_float(X)
        n = data.shape[0]
        y = np.asarray(y)
        if y.shape != (n,):
            raise ValueError("X and y differ in length")
        if not (0 < self.n_neighbors <= n and self.batch_memory_mb > 0 and self.weights in ["uniform", "distance"]):
            raise ValueError("options make no sense")
        self.data_ = data
        self.classes_ = np.array(sorted(set(y.tolist())), dtype=y.dtype)
        self.code_ = np.searchsorted(self.classes_, y)
        return self

    @staticmethod
    def _as_float(values):
        values = np.array(values).astype(np.float64)
        if len(values.shape) != 2 or np.isnan(values).any() or np.isinf(values).any():
            raise ValueError("expected a finite table")
        return values

    def kneighbors(self, X):
        if not hasattr(self, "data_"):
            raise RuntimeError("call fit before asking")
        X = self._as_float(X)
        n, d = self.data_.shape
        if X.shape[1] != d:
            raise ValueError(f"{d} features were fitted")
        per_query = 8 * n * (d + 4)
        size = max(1, math.floor(self.batch_memory_mb * 1048576 / per_query))
        all_d = np.empty((0, self.n_neighbors))
        all_i = np.empty((0, self.n_neighbors), dtype=np.int64)
        parts_d, parts_i = [all_d], [all_i]
        for lo in range(0, X.shape[0], size):
            near_d, near_i = self._search(X[lo : lo + size])
            parts_d.append(near_d)
            parts_i.append(near_i)
        return np.vstack(parts_d), np.vstack(parts_i)

    def _search(self, block):
        gaps = block[:, np.newaxis, :] - self.data_[np.newaxis, :, :]
        length = np.einsum("qnf,qnf->qn", gaps, gaps)
        order = np.argsort(length, axis=1, kind="stable")[:, : self.n_neighbors].copy()
        return np.sqrt(np.take_along_axis(length, order, axis=1)), order

    def _say(self, dist):
        if self.weights == "uniform":
            return np.full(dist.shape, 1.0)
        on_top = dist == 0.0
        inverse = np.zeros(dist.shape)
        inverse[~on_top] = dist[~on_top] ** -2.0
        rows = on_top.any(axis=1)
        inverse[rows] = on_top[rows]
        return inverse

    def predict_proba(self, X):
        dist, near = self.kneighbors(X)
        say = self._say(dist)
        which = self.code_[near]
        votes = np.stack([np.where(which == c, say, 0.0).sum(axis=1) for c in range(len(self.classes_))], axis=1)
        return votes / np.sum(say, axis=1)[:, np.newaxis]

    def predict(self, X):
        proba = self.predict_proba(X)
        return np.take(self.classes_, proba.argmax(axis=1))
