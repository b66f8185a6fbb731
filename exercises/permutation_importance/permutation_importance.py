"""Permutation importance: how much a model loses when a feature is shuffled."""

import numpy as np


def permutation_importance(predict, X, y, metric, *, n_repeats=5, seed=None, greater_is_better=True):
    """How much worse the metric gets when one column is permuted, for each feature.

    Parameters
    ----------
    predict : callable
        ``predict(X)`` returns a prediction for each row; it may overwrite its argument.
    X : array-like of shape (n_samples, n_features)
    y : array-like of shape (n_samples,)
    metric : callable
        ``metric(y, predictions)`` returns a number.
    n_repeats : int, default 5
        Permutations of each feature, each drawn anew.
    seed : int, optional
        The same seed draws the same permutations; without one each call draws others.
    greater_is_better : bool, default True
        False for a loss or an error: importances are positive for useful features all the same.

    Returns
    -------
    mean : ndarray of shape (n_features,), float64
        Over the repeats.
    std : ndarray of shape (n_features,), float64
        Over the repeats, with ddof=1: NaN for a single repeat.
    importances : ndarray of shape (n_features, n_repeats), float64

    Raises
    ------
    ValueError
        Shapes that do not fit, no samples, no features, or `n_repeats` below 1.

    References
    ----------
    Breiman, Random Forests, Machine Learning 45, 2001, section 10; Fisher, Rudin and Dominici, JMLR 20, 2019.

    Examples
    --------
    >>> X = [[1.0, 5.0], [2.0, 5.0], [3.0, 5.0]]
    >>> mean, std, _ = permutation_importance(
    ...     lambda rows: rows[:, 1], X, [5.0] * 3, lambda y, p: -abs(y - p).mean(), seed=0)
    >>> mean.tolist(), std.tolist()
    ([0.0, 0.0], [0.0, 0.0])
    """
    raise NotImplementedError("implement permutation_importance")
