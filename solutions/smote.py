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
    X, y = np.array(X, dtype=np.float64), np.array(y)
    if X.ndim != 2 or y.shape != (len(X),) or not len(X) or not np.isfinite(X).all():
        raise ValueError(f"expected finite rows with a label each, found the shapes {X.shape} and {y.shape}")
    if k_neighbors < 1:
        raise ValueError(f"k_neighbors must be at least 1, found {k_neighbors}")
    rng = np.random.default_rng(seed)
    classes, counts = np.unique(y, return_counts=True)
    missing = counts.max() - counts
    if ((counts == 1) & (missing > 0)).any():
        raise ValueError("a class with a single row has no neighbours to go to")
    rows, labels = [X], [y]
    for name, n_new in zip(classes[missing > 0], missing[missing > 0], strict=True):
        rows.append(_between_neighbours(X[y == name], n_new, k_neighbors, rng))
        labels.append(np.full(n_new, name, dtype=y.dtype))
    return np.concatenate(rows), np.concatenate(labels)


def _between_neighbours(own, n_new, k_neighbors, rng):
    k = min(k_neighbors, len(own) - 1)
    squared = sum((column[:, None] - column) ** 2 for column in own.T)  # (n_own, n_own)
    np.fill_diagonal(squared, np.inf)
    nearest = np.argpartition(squared, k - 1, axis=1)[:, :k]
    start = rng.integers(len(own), size=n_new)
    end = nearest[start, rng.integers(k, size=n_new)]
    gap = rng.random((n_new, 1))
    return own[start] + gap * (own[end] - own[start])
