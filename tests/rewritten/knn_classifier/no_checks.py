"""As graders/knn_classifier/wrong/no_checks.py, in another hand."""

import numpy as np


class KNNClassifier:
    def __init__(self, n_neighbors=5, *, weights="uniform", batch_memory_mb=64):
        self.n_neighbors, self.weights, self.batch_memory_mb = n_neighbors, weights, batch_memory_mb

    def fit(self, X, y):
        train = np.array(X, dtype=float)
        target = np.array(y)
        self.train, self.target = train, target
        self.classes_ = np.unique(target)
        return self

    def kneighbors(self, X):
        asked = np.array(X, dtype=float)
        k = self.n_neighbors
        distances = np.zeros((asked.shape[0], k), dtype=np.float64)
        indices = np.zeros((asked.shape[0], k), dtype=np.int64)
        for i, point in enumerate(asked):
            d2 = self._squares(point)
            limit = np.partition(d2, k - 1)[k - 1]
            maybe = np.nonzero(d2 <= limit)[0]
            best = maybe[np.argsort(d2[maybe], kind="stable")][:k]
            indices[i] = best
            distances[i] = np.sqrt(d2[best])
        return distances, indices

    def _squares(self, point):
        d2 = np.zeros(len(self.train))
        for j in range(len(point)):
            gap = self.train[:, j] - point[j]
            d2 += gap * gap
        return d2

    def _counts(self, X):
        distances, indices = self.kneighbors(X)
        table = np.zeros((len(indices), len(self.classes_)))
        for i in range(len(indices)):
            names, d = self.target[indices[i]], distances[i]
            if self.weights == "uniform":
                votes = np.ones(len(d))
            elif d.min() == 0:
                votes = (d == 0).astype(float)
            else:
                votes = 1.0 / d
            for c, label in enumerate(self.classes_):
                table[i, c] = votes[names == label].sum()
        return table

    def predict_proba(self, X):
        table = self._counts(X)
        return table / table.sum(axis=1, keepdims=True)

    def predict(self, X):
        winners = np.argmax(self._counts(X), axis=1)
        return self.classes_[winners]
