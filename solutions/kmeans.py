"""k-means: seeding by squared distances, Lloyd's iterations, and the best of several runs."""

import numpy as np


def kmeans_plusplus(X, n_clusters, *, seed=0):
    """Rows of `X` to start k-means from, drawn one after the other with probability proportional to D(x)^2.

    The first is drawn uniformly. D(x) is the distance to the nearest row that has been drawn. Where every D is 0, the
    next is drawn uniformly from the rows that have not been drawn.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Finite numbers of any real dtype.
    n_clusters : int
        From 1 to n_samples.
    seed : int
        The same seed gives the same rows.

    Returns
    -------
    ndarray of shape (n_clusters,), int64
        Indices of rows, all different, in the order in which they were drawn.

    Raises
    ------
    ValueError
        NaN or infinity in `X`, another number of dimensions, or an `n_clusters` that cannot be.

    References
    ----------
    Arthur and Vassilvitskii, k-means++: The Advantages of Careful Seeding, SODA 2007, section 2.2.

    Examples
    --------
    >>> sorted(kmeans_plusplus([[0.0], [0.0], [7.0]], 2).tolist())[1]
    2
    """
    points = _finite_matrix(X)
    _check_count(n_clusters, len(points))
    return _seed(points, n_clusters, np.random.default_rng(seed))


class KMeans:
    """Clusters around means, found by Lloyd's iterations.

    Parameters
    ----------
    n_clusters : int, default 8
        From 1 to the number of samples.
    init : "k-means++" or array-like of shape (n_clusters, n_features)
        How a run starts: from rows drawn by `kmeans_plusplus`, or from these centres.
    n_init : int, default 4
        Runs, of which the one with the lowest inertia is kept; a single one where `init` is an array.
    max_iter : int, default 300
        Iterations of a run at most.
    seed : int, default 0
        The same seed gives the same result.

    Attributes
    ----------
    cluster_centers_ : ndarray of shape (n_clusters, n_features), float64
        The means of the samples with each label.
    labels_ : ndarray of shape (n_samples,), int64
        The cluster of each training sample.
    inertia_ : float
        The sum of the squared distances of the samples to their own centres.
    n_iter_ : int
        Iterations of the run that was kept.

    References
    ----------
    Lloyd, Least Squares Quantization in PCM, IEEE Transactions on Information Theory 28(2), 1982.

    Examples
    --------
    >>> model = KMeans(2, init=[[1.0], [2.0]]).fit([[0.0], [1.0], [8.0], [9.0]])
    >>> model.cluster_centers_.tolist(), model.labels_.tolist(), model.inertia_, model.n_iter_
    ([[0.5], [8.5]], [0, 0, 1, 1], 1.0, 2)
    """

    def __init__(self, n_clusters=8, *, init="k-means++", n_init=4, max_iter=300, seed=0):
        self.n_clusters = n_clusters
        self.init = init
        self.n_init = n_init
        self.max_iter = max_iter
        self.seed = seed

    def fit(self, X):
        """Find the clusters.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Finite numbers of any real dtype.

        Returns
        -------
        KMeans
            Itself.

        Raises
        ------
        ValueError
            NaN or infinity in `X` or `init`, shapes that do not fit, or an option that makes no sense.
        """
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
        best = min(runs, key=lambda run: run[2])
        self.cluster_centers_, self.labels_, self.inertia_, self.n_iter_ = best
        return self

    def predict(self, X):
        """The nearest centre of each sample; of several, the one with the lowest number.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Finite numbers of any real dtype; n_samples may be 0.

        Returns
        -------
        ndarray of shape (n_samples,), int64

        Raises
        ------
        RuntimeError
            Called before `fit`.
        ValueError
            NaN or infinity in `X`, or another number of features than at `fit`.
        """
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
    """Number and squared distance of the nearest centre; one column of distances at a time bounds the memory."""
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
