"""Gradient boosting with stumps, for squared loss and for log loss."""

import numpy as np


class GradientBoosting:
    """A sum of stumps, each fitted to the negative gradient of the loss at what the sum says so far.

    ``F_0`` is the best constant, and ``F_m(x) = F_(m-1)(x) + learning_rate * leaf_m(x)``.

    Parameters
    ----------
    loss : {"squared", "log"}
        Squared loss for numbers, log loss for two classes; there F is the log-odds of the second class.
    n_stages : int, default 100
        Stumps, at least 1.
    learning_rate : float, default 0.1
        The share of each stump's leaf values that is added; above 0.
    subsample : float, default 1.0
        The share of rows that each stump sees, above 0 and at most 1.
    seed : int, default 0
        Of the rows that are drawn.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        Under log loss, the labels, sorted.
    train_loss_ : ndarray of shape (n_stages + 1,), float64
        The mean of ``(y - F) ** 2`` over all training rows, or of the negative log-likelihood in nats, for F_0 and
        after each stage.

    References
    ----------
    Friedman, Greedy Function Approximation: A Gradient Boosting Machine, Annals of Statistics 29(5), 2001, algorithms
    2 and 5.
    Friedman, Stochastic Gradient Boosting, Computational Statistics and Data Analysis 38(4), 2002.

    Examples
    --------
    >>> model = GradientBoosting(n_stages=2, learning_rate=0.5).fit([[1.0], [2.0], [3.0], [4.0]], [0.0, 0.0, 4.0, 4.0])
    >>> model.staged_raw([[1.0], [4.0]]).tolist()
    [[2.0, 2.0], [1.0, 3.0], [0.5, 3.5]]
    """

    def __init__(self, *, loss="squared", n_stages=100, learning_rate=0.1, subsample=1.0, seed=0):
        raise NotImplementedError("implement GradientBoosting")

    def fit(self, X, y):
        """Fit all stages, in place of any that were there.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Finite numbers of any real dtype.
        y : array-like of shape (n_samples,)
            Finite numbers, or under log loss labels of two kinds that can be sorted.

        Returns
        -------
        GradientBoosting
            Itself.

        Raises
        ------
        ValueError
            NaN or infinity, shapes other than these, no samples, not exactly two labels under log loss, or an option
            that makes no sense.
        """
        raise NotImplementedError("implement GradientBoosting")

    def staged_raw(self, X):
        """F_0, and F after each stage.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Finite numbers of any real dtype; n_samples may be 0.

        Returns
        -------
        ndarray of shape (n_stages + 1, n_samples), float64

        Raises
        ------
        RuntimeError
            Called before `fit`.
        ValueError
            NaN or infinity in `X`, or another number of features than at `fit`.
        """
        raise NotImplementedError("implement GradientBoosting")

    def predict_proba(self, X):
        """Under log loss, the probabilities of both classes after the last stage.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            As for `staged_raw`.

        Returns
        -------
        ndarray of shape (n_samples, 2), float64
            Columns in the order of `classes_`.

        Raises
        ------
        RuntimeError
            Called before `fit`.
        ValueError
            As for `staged_raw`, or another loss.
        """
        raise NotImplementedError("implement GradientBoosting")

    def predict(self, X):
        """F after the last stage, or under log loss the likelier class; the first where F is 0.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            As for `staged_raw`.

        Returns
        -------
        ndarray of shape (n_samples,)
            Numbers in float64, or labels of the kind that `y` had.

        Raises
        ------
        RuntimeError, ValueError
            As for `staged_raw`.
        """
        raise NotImplementedError("implement GradientBoosting")
