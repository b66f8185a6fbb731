"""Stratified k-fold: every fold a small copy of the whole."""

import numpy as np


def stratified_kfold(y, n_splits=5, *, shuffle=False, seed=None):
    """Indices of training and test samples for each of `n_splits` folds.

    Every sample is in one test fold. Over the folds the number of test samples differs by at most 1, and so does
    the number of test samples of each class.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Class labels: numbers, booleans or text.
    n_splits : int, default 5
        Number of folds, from 2 to n_samples.
    shuffle : bool, default False
        Draw which samples of a class go together, all possibilities alike; else this depends on `y` alone.
    seed : int, optional
        The same seed shuffles in the same way; without one each call shuffles anew.

    Returns
    -------
    list of (train, test)
        Integer arrays of indices, each ascending.

    Raises
    ------
    ValueError
        `y` that is empty or not one-dimensional, or `n_splits` below 2 or above n_samples.

    References
    ----------
    Kohavi, A Study of Cross-Validation and Bootstrap for Accuracy Estimation and Model Selection, IJCAI 1995.

    Examples
    --------
    >>> [test.tolist() for train, test in stratified_kfold(["a", "a", "b", "a", "a", "b"], 2)]
    [[0, 2, 3], [1, 4, 5]]
    """
    raise NotImplementedError("implement stratified_kfold")
