"""Takes one query after the other, sorts all its distances, and counts votes in a dictionary."""

import numpy as np


class KNNClassifier:
    def __init__(self, n_neighbors=5, *, weights="uniform", batch_memory_mb=64):
        if n_neighbors < 1:
            raise ValueError("n_neighbors")
        if weights not in {"uniform", "distance"}:
            raise ValueError("weights")
        if batch_memory_mb <= 0:
            raise ValueError("batch_memory_mb")
        self.n_neighbors = n_neighbors
        self.weights = weights
        self.batch_memory_mb = batch_memory_mb
        self.fitted = False

    def fit(self, X, y):
        X, y = np.asarray(X), np.asarray(y)
        if X.ndim != 2 or len(X) != len(y) or self.n_neighbors > len(X):
            raise ValueError("X and y do not fit")
        if np.isnan(X).any() or np.isinf(X).any():
            raise ValueError("NaN or infinity")
        self.X = np.array(X, dtype=float, order="F")
        self.y = y.tolist()
        self.classes_ = np.array(sorted(set(self.y)))
        self.fitted = True
        return self

    def kneighbors(self, X):
        if not self.fitted:
            raise RuntimeError("not fitted")
        X = np.asarray(X)
        if X.ndim != 2 or X.shape[1] != self.X.shape[1]:
            raise ValueError("number of features")
        if not np.isfinite(X).all():
            raise ValueError("NaN or infinity")
        distances, indices = [], []
        for query in X.astype(float):
            row = np.linalg.norm(self.X - query, axis=1)
            order = np.argsort(row, kind="stable")[: self.n_neighbors].copy()
            distances.append(row[order])
            indices.append(order)
        shape = (len(X), self.n_neighbors)
        return np.array(distances, dtype=float).reshape(shape), np.array(indices, dtype=int).reshape(shape)

    def predict_proba(self, X):
        rows, found = [], self.kneighbors(X)
        for distances, indices in zip(*found, strict=True):
            votes = dict.fromkeys(self.classes_.tolist(), 0.0)
            for distance, index in zip(distances.tolist(), indices.tolist(), strict=True):
                votes[self.y[index]] += self._vote(distance, distances[0] == 0)
            rows.append([vote / sum(votes.values()) for vote in votes.values()])
        return np.array(rows, dtype=float).reshape(-1, len(self.classes_))

    def predict(self, X):
        proba = self.predict_proba(X)
        return self.classes_[np.argmax(proba, axis=1)]

    def _vote(self, distance, on_a_point):
        if self.weights == "uniform":
            return 1.0
        return float(distance == 0) if on_a_point else 1 / distance
