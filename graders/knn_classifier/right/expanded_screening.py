"""Screens with |q|^2 - 2 q.x + |x|^2 after a shift, and works the distances of the few that may count out again."""

import numpy as np


class KNNClassifier:
    def __init__(self, n_neighbors=5, *, weights="uniform", batch_memory_mb=64):
        self.n_neighbors, self.weights, self.batch_memory_mb = n_neighbors, weights, batch_memory_mb
        self.classes_ = None

    def fit(self, X, y):
        self.classes_ = None
        X = self._matrix(X)
        if len(y) != len(X):
            raise ValueError("X and y differ in length")
        if self.n_neighbors < 1 or self.n_neighbors > len(X) or self.batch_memory_mb <= 0:
            raise ValueError("n_neighbors or batch_memory_mb out of range")
        if self.weights != "uniform" and self.weights != "distance":
            raise ValueError(f"no weights {self.weights}")
        self._X = X.copy()
        self._shifted = self._X - self._X[0]
        self._norms = np.einsum("ij,ij->i", self._shifted, self._shifted)
        self.classes_, codes = np.unique(y, return_inverse=True)
        self._one_hot = np.eye(len(self.classes_))[codes]
        return self

    def kneighbors(self, X):
        if self.classes_ is None:
            raise RuntimeError("fit me first")
        X = self._matrix(X)
        if X.shape[1] != self._X.shape[1]:
            raise ValueError("number of features differs")
        rows = max(int(self.batch_memory_mb * 1e6) // (40 * len(self._X)), 1)
        distances = np.zeros((len(X), self.n_neighbors))
        indices = np.zeros((len(X), self.n_neighbors), dtype=np.intp)
        for start in range(0, len(X), rows):
            for place, kept in enumerate(self._screen(X[start : start + rows]), start):
                exact = ((self._X[kept] - X[place]) ** 2).sum(axis=1)
                order = np.lexsort((kept, exact))[: self.n_neighbors]
                distances[place], indices[place] = np.sqrt(exact[order]), kept[order]
        return distances, indices

    def predict_proba(self, X):
        distances, indices = self.kneighbors(X)
        if self.weights == "uniform":
            weights = np.ones(distances.shape)
        else:
            with np.errstate(divide="ignore"):
                weights = 1 / distances
            on_a_point = np.isinf(weights).any(axis=1)
            weights[on_a_point] = np.isinf(weights[on_a_point])
        return np.einsum("qk,qkc->qc", weights, self._one_hot[indices]) / weights.sum(axis=1)[:, None]

    def predict(self, X):
        proba = self.predict_proba(X)
        return np.take(self.classes_, np.argmax(proba, axis=1))

    def _screen(self, queries):
        shifted = queries - self._X[0]
        norms = np.einsum("ij,ij->i", shifted, shifted)
        rough = shifted @ self._shifted.T
        rough *= -2
        rough += self._norms
        rough += norms[:, None]
        kth = np.partition(rough, self.n_neighbors - 1, axis=1)[:, self.n_neighbors - 1]
        slack = 1e-15 * (queries.shape[1] + 10) * (norms + self._norms.max())
        return [np.flatnonzero(row <= most) for row, most in zip(rough, kth + 2 * slack, strict=True)]

    @staticmethod
    def _matrix(X):
        X = np.asarray(X, dtype=np.float64)
        if X.ndim != 2:
            raise ValueError("X must have two dimensions")
        if not np.all(np.isfinite(X)):
            raise ValueError("X must be finite")
        return X
