"""SMOTE: small classes are filled up with points between neighbours of the same class."""

import numpy as np


def smote(X, y, *, k_neighbors=5, seed=None):
    """Add synthetic rows until every class has as many as the largest one.

    A synthetic row is ``a + g * (b - a)``: a is a row of the class, b one of its nearest neighbours within the class,
    and g a number between 0 and 1, one for the whole row. All three are drawn uniformly.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Finite numbers of any real dtype.
    y : array-like of shape (n_samples,)
        Labels: text or integers.
    k_neighbors : int, default 5
        Neighbours to choose from, at least 1; all others of the class where it has no more than that.
    seed : int, optional
        With the same one the result is the same. Without it each call draws anew. The state of numpy's global generator
        is neither used nor changed.

    Returns
    -------
    X_resampled : ndarray of shape (n_classes * n_largest, n_features), float64
        The rows of `X` in their order, then the synthetic ones in any order.
    y_resampled : ndarray of shape (n_classes * n_largest,)
        Their labels, with the dtype of `y`.

    Raises
    ------
    ValueError
        No rows, other dimensions, lengths that differ, NaN or infinity, `k_neighbors` below 1, or a class that needs
        more rows but has a single one.

    References
    ----------
    Chawla, Bowyer, Hall and Kegelmeyer, SMOTE: Synthetic Minority Over-sampling Technique, JAIR 16, 2002.

    Examples
    --------
    >>> X, y = smote([[0.0], [1.0], [5.0], [9.0], [6.0]], [1, 1, 0, 0, 0], seed=3)
    >>> X.shape, y.tolist(), bool(0 <= X[5, 0] <= 1)
    ((6, 1), [1, 1, 0, 0, 0, 1], True)
    """
    raise NotImplementedError("implement smote")
