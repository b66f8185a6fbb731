"""k-nearest-neighbours classification whose memory does not grow with the number of queries."""

import numpy as np


class KNNClassifier:
    """Votes of the nearest training points, found batch by batch.

    The distance is Euclidean, ``d(q, x) = sqrt(sum_j (q_j - x_j) ** 2)``, worked out in float64. Of several training
    points at the same distance the one with the lower index counts as nearer.

    Parameters
    ----------
    n_neighbors : int, default 5
        Training points that vote, from 1 to the number of training points.
    weights : {"uniform", "distance"}, default "uniform"
        Each neighbour counts 1, or ``1 / d``; under "distance", where neighbours lie at distance 0, these count 1 each
        and the others 0.
    batch_memory_mb : float, default 64
        Memory that a call may take beyond its inputs, the training data and its results, in units of 2**20 bytes; one
        query at a time where not even that fits.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels seen by `fit`, sorted, each once.

    References
    ----------
    Cover and Hart, Nearest Neighbor Pattern Classification, IEEE Transactions on Information Theory 13(1), 1967.
    Dudani, The Distance-Weighted k-Nearest-Neighbor Rule, IEEE Transactions on Systems, Man, and Cybernetics, 1976.

    Examples
    --------
    >>> model = KNNClassifier(n_neighbors=1).fit([[0.0], [10.0]], ["low", "high"])
    >>> model.predict([[2.0], [7.0]]).tolist()
    ['low', 'high']
    """

    def __init__(self, n_neighbors=5, *, weights="uniform", batch_memory_mb=64):
        self.n_neighbors = n_neighbors
        self.weights = weights
        self.batch_memory_mb = batch_memory_mb

    def fit(self, X, y):
        """Keep a copy of the training points, in place of any that were kept before.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Finite numbers of any real dtype.
        y : array-like of shape (n_samples,)
            Labels that can be sorted: text, numbers or booleans.

        Returns
        -------
        KNNClassifier
            Itself.

        Raises
        ------
        ValueError
            `n_neighbors` below 1 or above n_samples, unknown `weights`, `batch_memory_mb` not above 0, NaN or infinity
            in `X`, or shapes other than these.
        """
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
        """The nearest training points of each query, the nearest first.

        Parameters
        ----------
        X : array-like of shape (n_queries, n_features)
            Finite numbers of any real dtype; n_queries may be 0.

        Returns
        -------
        distances : ndarray of shape (n_queries, n_neighbors), float64
        indices : ndarray of shape (n_queries, n_neighbors), int64
            Rows of the training data.

        Raises
        ------
        RuntimeError
            Called before `fit`.
        ValueError
            NaN or infinity in `X`, or another number of features than at `fit`.
        """
        if not hasattr(self, "_points"):
            raise RuntimeError("this KNNClassifier has learnt nothing yet: call fit first")
        queries, (n_samples, n_features) = _finite_matrix(X), self._points.shape
        if queries.shape[1] != n_features:
            raise ValueError(f"X must have {n_features} features, as at fit, found {queries.shape[1]}")
        distances = np.empty((len(queries), self.n_neighbors))
        indices = np.empty((len(queries), self.n_neighbors), dtype=np.int64)
        # A pair takes two float64 and some bits; where all points are equally far, picking takes three times that.
        step = max(1, int(self.batch_memory_mb * 2**20 / (24 * n_samples)))
        work = np.empty((2, min(step, len(queries)), n_samples))
        for start in range(0, len(queries), step):
            batch = queries[start : start + step]
            found = _nearest(batch, self._points, self.n_neighbors, *work[:, : len(batch)])
            distances[start : start + step], indices[start : start + step] = found
        return distances, indices

    def predict_proba(self, X):
        """The share of the votes for each class.

        Parameters
        ----------
        X : array-like of shape (n_queries, n_features)
            As for `kneighbors`.

        Returns
        -------
        ndarray of shape (n_queries, n_classes), float64
            Columns in the order of `classes_`; each row sums to 1.

        Raises
        ------
        RuntimeError, ValueError
            As for `kneighbors`.
        """
        distances, indices = self.kneighbors(X)
        votes = np.ones_like(distances)
        if self.weights == "distance":
            same = distances == 0
            votes = np.where(same.any(axis=1, keepdims=True), same, 1 / np.where(same, 1.0, distances))
        shares = np.zeros((len(votes), len(self.classes_)))
        np.add.at(shares, (np.arange(len(votes))[:, None], self._codes[indices]), votes)
        return shares / votes.sum(axis=1, keepdims=True)

    def predict(self, X):
        """The class with the most votes; of several, the one that comes first in `classes_`.

        Parameters
        ----------
        X : array-like of shape (n_queries, n_features)
            As for `kneighbors`.

        Returns
        -------
        ndarray of shape (n_queries,)
            Labels, with the dtype of `classes_`.

        Raises
        ------
        RuntimeError, ValueError
            As for `kneighbors`.
        """
        shares = self.predict_proba(X)
        return self.classes_[shares.argmax(axis=1)]  # argmax takes the first of equal shares


def _nearest(queries, points, k, squared, scratch):
    """Distances and indices of the k nearest; `squared` and `scratch`, (n_queries, n_samples), are overwritten."""
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
