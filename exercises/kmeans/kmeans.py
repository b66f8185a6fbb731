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
    raise NotImplementedError("implement kmeans_plusplus")


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
        raise NotImplementedError("implement KMeans")

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
        raise NotImplementedError("implement KMeans")

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
        raise NotImplementedError("implement KMeans")
