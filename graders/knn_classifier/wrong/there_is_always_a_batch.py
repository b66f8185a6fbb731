"""A budget holds some queries, and a call fills at least one batch."""

import numpy as np

CAUGHT_BY = ("test_batches_change_nothing", "test_empty_query")


class KNNClassifier:
    def __init__(self, n_neighbors=5, *, weights="uniform", batch_memory_mb=64):
        self.n_neighbors = n_neighbors
        self.weights = weights
        self.batch_memory_mb = batch_memory_mb

    def fit(self, X, y):
        points, labels = _finite_matrix(X), np.asarray(y)
        if labels.shape != (len(points),):
            raise ValueError(f"y must have shape ({len(points)},), found {labels.shape}")
        if not 1 <= self.n_neighbors <= len(points):
            raise ValueError(f"n_neighbors must be from 1 to {len(points)}, found {self.n_neighbors}")
        if self.weights not in ("uniform", "distance"):
            raise ValueError(f"weights must be uniform or distance, found {self.weights!r}")
        if not self.batch_memory_mb > 0:
            raise ValueError(f"batch_memory_mb must be above 0, found {self.batch_memory_mb}")
        self.classes_, self._codes = np.unique(labels, return_inverse=True)
        self._points = points
        return self

    def kneighbors(self, X):
        if not hasattr(self, "_points"):
            raise RuntimeError("this KNNClassifier has learnt nothing yet: call fit first")
        queries, (n_samples, n_features) = _finite_matrix(X), self._points.shape
        if queries.shape[1] != n_features:
            raise ValueError(f"X must have {n_features} features, as at fit, found {queries.shape[1]}")
        found = []
        # A pair takes two float64 and some bits; where all points are equally far, picking takes three times that.
        step = int(self.batch_memory_mb * 2**20 / (24 * n_samples))
        work = np.empty((2, min(step, len(queries)), n_samples))
        for start in range(0, len(queries), step):
            batch = queries[start : start + step]
            found.append(_nearest(batch, self._points, self.n_neighbors, *work[:, : len(batch)]))
        return np.concatenate([part[0] for part in found]), np.concatenate([part[1] for part in found])

    def predict_proba(self, X):
        distances, indices = self.kneighbors(X)
        votes = np.ones_like(distances)
        if self.weights == "distance":
            same = distances == 0
            votes = np.where(same.any(axis=1, keepdims=True), same, 1 / np.where(same, 1.0, distances))
        shares = np.zeros((len(votes), len(self.classes_)))
        np.add.at(shares, (np.arange(len(votes))[:, None], self._codes[indices]), votes)
        return shares / votes.sum(axis=1, keepdims=True)

    def predict(self, X):
        shares = self.predict_proba(X)
        return self.classes_[shares.argmax(axis=1)]  # argmax takes the first of equal shares


def _nearest(queries, points, k, squared, scratch):
    squared[:] = 0
    for q, x in zip(queries.T, points.T, strict=True):
        np.subtract(q[:, None], x, out=scratch)
        squared += np.square(scratch, out=scratch)
    scratch[:] = squared
    scratch.partition(k - 1, axis=1)
    candidates = np.flatnonzero(squared <= scratch[:, k - 1 : k])  # more than k of a query where the k-th place is tied
    rows, columns = np.divmod(candidates, len(points))
    nearness = squared[rows, columns]
    order = np.lexsort((columns, nearness, rows))
    first = np.searchsorted(rows, np.arange(len(queries)))
    chosen = order[first[:, None] + np.arange(k)]  # (n_queries, k)
    return np.sqrt(nearness[chosen]), columns[chosen]


def _finite_matrix(X):
    X = np.array(X, dtype=np.float64)
    if X.ndim != 2 or not np.isfinite(X).all():
        raise ValueError(f"X must have shape (n, n_features) and hold finite numbers, found shape {X.shape}")
    return X
