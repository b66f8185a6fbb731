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
        raise NotImplementedError("implement KNNClassifier")

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
        raise NotImplementedError("implement KNNClassifier")

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
        raise NotImplementedError("implement KNNClassifier")

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
        raise NotImplementedError("implement KNNClassifier")

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
        raise NotImplementedError("implement KNNClassifier")
