"""Several runs are made, and the model is what the last one left."""

import numpy as np

CAUGHT_BY = ("test_best_of_several_runs",)


def kmeans_plusplus(X, n_clusters, *, seed=0):
    points = _finite_matrix(X)
    _check_count(n_clusters, len(points))
    return _seed(points, n_clusters, np.random.default_rng(seed))


class KMeans:
    def __init__(self, n_clusters=8, *, init="k-means++", n_init=4, max_iter=300, seed=0):
        self.n_clusters = n_clusters
        self.init = init
        self.n_init = n_init
        self.max_iter = max_iter
        self.seed = seed

    def fit(self, X):
        points, k = _finite_matrix(X), self.n_clusters
        _check_count(k, len(points))
        if self.n_init < 1 or self.max_iter < 1:
            raise ValueError(f"n_init and max_iter must be at least 1, found {self.n_init} and {self.max_iter}")
        if isinstance(self.init, str):
            if self.init != "k-means++":
                raise ValueError(f"init must be k-means++ or an array of centres, found {self.init!r}")
            rng = np.random.default_rng(self.seed)
            starts = (points[_seed(points, k, rng)] for _ in range(self.n_init))
        else:
            centers = _finite_matrix(self.init)
            if centers.shape != (k, points.shape[1]):
                raise ValueError(f"init must have the shape {(k, points.shape[1])}, found {centers.shape}")
            starts = [centers]
        runs = (_lloyd(points, start, self.max_iter) for start in starts)
        *_, best = runs
        self.cluster_centers_, self.labels_, self.inertia_, self.n_iter_ = best
        return self

    def predict(self, X):
        if not hasattr(self, "cluster_centers_"):
            raise RuntimeError("this KMeans has learnt nothing yet: call fit first")
        points, n_features = _finite_matrix(X), self.cluster_centers_.shape[1]
        if points.shape[1] != n_features:
            raise ValueError(f"X must have {n_features} features, as at fit, found {points.shape[1]}")
        return _nearest(points, self.cluster_centers_)[0]


def _seed(points, k, rng):
    chosen = [int(rng.integers(len(points)))]
    squared = _squared(points, points[chosen[0]])
    while len(chosen) < k:
        weights = squared
        if not squared.any():
            weights = np.ones(len(points))
            weights[chosen] = 0.0
        # Scaled first: squares may be too small or too large to be added up.
        weights = weights / weights.max()
        chosen.append(int(rng.choice(len(points), p=weights / weights.sum())))
        squared = np.minimum(squared, _squared(points, points[chosen[-1]]))
    return np.array(chosen)


def _lloyd(points, centers, max_iter):
    labels, n_iter, moved = None, 0, True
    while moved and n_iter < max_iter:
        before, n_iter = labels, n_iter + 1
        labels, squared = _nearest(points, centers)
        counts = np.bincount(labels, minlength=len(centers))
        for empty in np.flatnonzero(counts == 0):
            farthest = np.argmax(np.where(counts[labels] > 1, squared, -1.0))
            counts[labels[farthest]] -= 1
            labels[farthest], squared[farthest], counts[empty] = empty, 0.0, 1
        centers = np.array([points[labels == cluster].mean(axis=0) for cluster in range(len(centers))])
        moved = before is None or not np.array_equal(labels, before)
    return centers, labels, float(((points - centers[labels]) ** 2).sum()), n_iter


def _nearest(points, centers):
    labels, least = np.zeros(len(points), dtype=np.int64), np.full(len(points), np.inf)
    for cluster, center in enumerate(centers):
        squared = _squared(points, center)
        nearer = squared < least
        labels[nearer], least[nearer] = cluster, squared[nearer]
    return labels, least


def _squared(points, center):
    return ((points - center) ** 2).sum(axis=1)


def _check_count(n_clusters, n_samples):
    if not 1 <= n_clusters <= n_samples:
        raise ValueError(f"n_clusters must be from 1 to the number of samples, {n_samples}, found {n_clusters}")


def _finite_matrix(X):
    points = np.asarray(X, dtype=np.float64)
    if points.ndim != 2 or not np.isfinite(points).all():
        raise ValueError(f"the array must be two-dimensional and finite, found shape {points.shape}")
    return points
