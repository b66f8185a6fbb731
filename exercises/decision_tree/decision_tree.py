"""A CART classification tree that sorts each feature once a node."""

import numpy as np


def best_split(X, y, *, criterion="gini", min_samples_leaf=1):
    """The split ``x[feature] <= threshold`` that lowers the impurity of the labels most.

    The gain is ``I(node) - n_left / n * I(left) - n_right / n * I(right)`` with ``I = 1 - sum_k p_k ** 2`` (gini) or
    ``I = -sum_k p_k * log2(p_k)`` (entropy). Gains that differ by at most 1e-9 count as equal: then the lower feature
    wins, and of one feature the lower threshold. A gain of 0 is no reason not to split.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Finite numbers of any real dtype.
    y : array-like of shape (n_samples,)
        Labels that can be sorted: text, numbers or booleans.
    criterion : {"gini", "entropy"}
        The impurity; entropy in bits.
    min_samples_leaf : int, default 1
        Samples that each side must have at least.

    Returns
    -------
    tuple of (int, float, float), or None
        The feature's column, the threshold in the middle between two neighbouring values, and the gain. None where all
        labels are the same, or no split leaves enough samples on both sides.

    Raises
    ------
    ValueError
        NaN or infinity in `X`, shapes other than these, no samples, or an option that makes no sense.

    References
    ----------
    Breiman, Friedman, Olshen and Stone, Classification and Regression Trees, 1984, chapter 2.

    Examples
    --------
    >>> best_split([[1.0], [2.0], [4.0], [6.0]], ["a", "a", "b", "b"])
    (0, 3.0, 0.5)
    """
    raise NotImplementedError("implement best_split")


class DecisionTree:
    """A classification tree, split greedily from the root by `best_split`.

    Parameters
    ----------
    criterion : {"gini", "entropy"}
        The impurity.
    max_depth : int, optional
        Splits on the way from the root to a leaf at most; 0 is a single leaf, None is no limit.
    min_samples_leaf : int, default 1
        Training samples that each leaf must have at least.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels seen by `fit`, sorted, each once.

    References
    ----------
    Breiman, Friedman, Olshen and Stone, Classification and Regression Trees, 1984, chapter 2.

    Examples
    --------
    >>> tree = DecisionTree().fit([[1.0], [2.0], [4.0], [6.0]], ["a", "a", "b", "a"])
    >>> tree.predict([[0.0], [5.0], [9.0]]).tolist(), tree.get_depth(), tree.get_n_leaves()
    (['a', 'b', 'a'], 2, 3)
    """

    def __init__(self, *, criterion="gini", max_depth=None, min_samples_leaf=1):
        raise NotImplementedError("implement DecisionTree")

    def fit(self, X, y):
        """Grow the tree, in place of any that was there.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Finite numbers of any real dtype.
        y : array-like of shape (n_samples,)
            Labels that can be sorted.

        Returns
        -------
        DecisionTree
            Itself.

        Raises
        ------
        ValueError
            As for `best_split`, or a negative `max_depth`.
        """
        raise NotImplementedError("implement DecisionTree")

    def predict_proba(self, X):
        """The share of each class among the training samples in the leaf that a sample comes to.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            As for `fit`; n_samples may be 0.

        Returns
        -------
        ndarray of shape (n_samples, n_classes), float64
            Columns in the order of `classes_`; each row sums to 1.

        Raises
        ------
        RuntimeError
            Called before `fit`.
        ValueError
            NaN or infinity in `X`, or another number of features than at `fit`.
        """
        raise NotImplementedError("implement DecisionTree")

    def predict(self, X):
        """The class with the largest share; of several, the one that comes first in `classes_`.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            As for `predict_proba`.

        Returns
        -------
        ndarray of shape (n_samples,)
            Labels, of the kind that `y` had.

        Raises
        ------
        RuntimeError, ValueError
            As for `predict_proba`.
        """
        raise NotImplementedError("implement DecisionTree")

    def get_depth(self):
        """The most splits between the root and a leaf; 0 for a single leaf.

        Returns
        -------
        int

        Raises
        ------
        RuntimeError
            Called before `fit`.
        """
        raise NotImplementedError("implement DecisionTree")

    def get_n_leaves(self):
        """The number of leaves.

        Returns
        -------
        int

        Raises
        ------
        RuntimeError
            Called before `fit`.
        """
        raise NotImplementedError("implement DecisionTree")
