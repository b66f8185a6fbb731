"""Exact Shapley values: how a prediction divides among the features of its sample."""

import numpy as np


def shapley_values(predict, X, background):
    """Exact Shapley values of each sample's prediction against a background.

    ``v(S)`` is the mean over the background rows of the prediction for the row with the features in S taken
    from the sample. The value of feature j is the sum over all S without j of
    ``|S|! (d - |S| - 1)! / d! * (v(S + j) - v(S))``.

    Parameters
    ----------
    predict : callable
        Takes a float64 array of shape (n_rows, n_features) that it may overwrite, and returns one
        real number a row, as an array of shape (n_rows,).
    X : array-like of shape (n_samples, n_features)
        The samples to explain; 1 to 20 features. NaN and infinity are handed on as they are.
    background : array-like of shape (n_background, n_features)
        At least one row.

    Returns
    -------
    values : ndarray of shape (n_samples, n_features), float64
        In the unit of the prediction; a row adds up to its prediction minus `base_value`.
    base_value : float
        The mean prediction of the background.

    Raises
    ------
    ValueError
        Shapes that do not fit, no background row, not 1 to 20 features, or a prediction of another shape.

    References
    ----------
    Shapley, A Value for n-Person Games, 1953; Lundberg and Lee, A Unified Approach to Interpreting Model
    Predictions, NIPS 2017, equation 4.

    Examples
    --------
    >>> values, base_value = shapley_values(lambda rows: rows[:, 0] * rows[:, 1], [[3, 5]], [[0, 1], [4, 3]])
    >>> values.tolist(), base_value
    ([[2.5, 6.5]], 6.0)
    """
    raise NotImplementedError("implement shapley_values")
