"""Target encoding: a category becomes a smoothed mean of the target, out of fold for training rows."""

import numpy as np
import pandas as pd


class TargetEncoder:
    """Replace each category by a mean of the target, smoothed towards the prior.

    A category with `n` rows and target sum `s` among the rows used becomes
    ``(s + smoothing * prior) / (n + smoothing)``, where the prior is the mean target of those same rows.

    Parameters
    ----------
    smoothing : float, default 10.0
        How many rows the prior weighs: a finite number, at least 0.
    n_folds : int, default 5
        Number of folds of the default rule of `fit_transform`, at least 2.

    Raises
    ------
    ValueError
        `smoothing` or `n_folds` is out of range; here, or in `fit` and `fit_transform`.

    References
    ----------
    Micci-Barreca, A Preprocessing Scheme for High-Cardinality Categorical Attributes, SIGKDD Explorations 2001.
    """

    def __init__(self, *, smoothing=10.0, n_folds=5):
        raise NotImplementedError("implement TargetEncoder")

    def fit(self, X, y):
        """Learn the encodings of new rows from all rows given, and forget what was learned before.

        Parameters
        ----------
        X : Series of shape (n_samples,)
            Categories; None, NaN and NA are one category of their own.
        y : Series of shape (n_samples,)
            Target: numbers or bools, none missing; matched to `X` by position.

        Returns
        -------
        TargetEncoder
            Itself.

        Raises
        ------
        ValueError
            The lengths differ, there is no row, or a target is missing.
        """
        raise NotImplementedError("implement TargetEncoder")

    def transform(self, X):
        """Encode new rows with what was learned from all rows.

        Parameters
        ----------
        X : Series of shape (n_samples,)
            Categories; those that were not seen get the prior.

        Returns
        -------
        Series of shape (n_samples,), float64
            With the index and name of `X`, in units of the target.

        Raises
        ------
        RuntimeError
            Nothing was fitted yet.
        """
        raise NotImplementedError("implement TargetEncoder")

    def fit_transform(self, X, y, *, folds=None):
        """Encode the training rows out of fold, and learn the encodings of new rows as `fit` does.

        Parameters
        ----------
        X, y : Series of shape (n_samples,)
            As for `fit`.
        folds : sequence or ndarray of int of shape (n_samples,), optional
            The fold of each row by position: any integers. By default the row at position i is in fold
            ``i % n_folds``.

        Returns
        -------
        Series of shape (n_samples,), float64
            With the index and name of `X`, in units of the target. Counts, sums and prior of a row's encoding are
            those of the rows in other folds.

        Raises
        ------
        ValueError
            As for `fit`, or `folds` has another length, or all rows are in one fold.
        """
        raise NotImplementedError("implement TargetEncoder")
