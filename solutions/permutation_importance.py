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
    X, y = np.asarray(X), np.asarray(y)
    if X.ndim != 2 or y.ndim != 1 or len(X) != len(y) or not X.size:
        raise ValueError(f"expected X (n, d) and y (n,), neither empty, found {X.shape} and {y.shape}")
    if n_repeats < 1:
        raise ValueError(f"n_repeats must be at least 1, found {n_repeats}")
    rng = np.random.default_rng(seed)
    sign = 1 if greater_is_better else -1
    baseline = float(metric(y, predict(X.copy())))
    importances = np.empty((X.shape[1], n_repeats))
    for feature in range(X.shape[1]):
        for repeat in range(n_repeats):
            shuffled = X.copy()  # each time from the data: the last one's column is whole again
            shuffled[:, feature] = rng.permutation(X[:, feature])
            importances[feature, repeat] = sign * (baseline - float(metric(y, predict(shuffled))))
    with np.errstate(invalid="ignore"):
        std = importances.std(axis=1, ddof=1) if n_repeats > 1 else np.full(X.shape[1], np.nan)
    return importances.mean(axis=1), std, importances
