"""Goes through the training points in blocks and keeps the best of all queries so far, picking minima one at a time."""

import math

import numpy as np


class KNNClassifier:
    def __init__(self, n_neighbors=5, *, weights="uniform", batch_memory_mb=64):
        self.n_neighbors = n_neighbors
        self.weights = weights
        self.batch_memory_mb = batch_memory_mb
        self.points = None

    def fit(self, X, y):
        points = to_floats(X)
        n = len(points)
        if len(y) != n:
            raise ValueError(f"{n} points but {len(y)} labels")
        if not (1 <= self.n_neighbors <= n and self.batch_memory_mb > 0 and self.weights in ["uniform", "distance"]):
            raise ValueError("an option is out of range")
        self.points = points
        self.labels = np.array(y)
        self.classes_ = np.unique(self.labels)
        return self

    def kneighbors(self, X):
        if self.points is None:
            raise RuntimeError("fit has not been called")
        X = to_floats(X)
        if X.shape[1] != self.points.shape[1]:
            raise ValueError("wrong number of features")
        n_pairs = max(self.batch_memory_mb * 2**20 / 40, 1)
        side = max(int(math.sqrt(n_pairs)), 1)
        parts = [self._merge(X[at : at + side], side) for at in range(0, len(X), side)]
        squared = np.concatenate([part[0] for part in parts]) if parts else np.empty((0, self.n_neighbors))
        indices = (
            np.concatenate([part[1] for part in parts]) if parts else np.empty((0, self.n_neighbors), dtype="int64")
        )
        return np.sqrt(squared), indices

    def predict_proba(self, X):
        distances, indices = self.kneighbors(X)
        if self.weights == "distance":
            scale = distances.min(axis=1, keepdims=True)
            # Relative to the nearest: 1 for those on the query, 0 for what lies farther than a neighbour at distance 0.
            votes = np.divide(scale, distances, out=np.ones_like(distances), where=distances > 0)
        else:
            votes = np.full(distances.shape, 1.0)
        votes /= votes.sum(axis=1, keepdims=True)
        found = self.labels[indices]
        return np.stack([(votes * (found == name)).sum(axis=1) for name in self.classes_], axis=1)

    def predict(self, X):
        if self.points is None:
            raise RuntimeError("fit has not been called")
        return self.classes_[np.argmax(self.predict_proba(X).round(12), axis=1)]

    def _merge(self, queries, side):
        best = np.full((len(queries), self.n_neighbors), np.inf)
        where = np.zeros(best.shape, dtype=np.int64)
        for at in range(0, len(self.points), side):
            block = self.points[at : at + side]
            squared = np.hstack([best, np.zeros((len(queries), len(block)))])
            for j in range(block.shape[1]):
                squared[:, self.n_neighbors :] += (queries[:, j, None] - block[:, j]) ** 2
            best, where = self._pick(squared, where, at)
        return best, where

    def _pick(self, squared, where, at):
        k, rows = self.n_neighbors, np.arange(len(squared))
        best, found = np.empty_like(squared[:, :k]), np.empty_like(where)
        for place in range(k):
            column = squared.argmin(axis=1)
            best[:, place] = squared[rows, column]
            found[:, place] = np.where(column < k, where[rows, np.minimum(column, k - 1)], column - k + at)
            squared[rows, column] = np.inf
        return best, found


def to_floats(X):
    X = np.array(X, dtype=np.double)
    if X.ndim != 2 or not np.isfinite(X).all():
        raise ValueError("X must be a matrix of finite numbers")
    return X
