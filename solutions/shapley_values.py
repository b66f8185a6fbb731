"""Exact Shapley values: how a prediction divides among the features of its sample."""

import math

import numpy as np

MAX_FEATURES = 20
ROWS_AT_A_TIME = 2**14


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
    X, background = np.asarray(X, dtype=float), np.asarray(background, dtype=float)
    if X.ndim != 2 or background.ndim != 2 or X.shape[1] != background.shape[1]:
        raise ValueError(f"X and background must be tables with the same features: {X.shape}, {background.shape}")
    n_background, d = background.shape
    if not n_background or not 1 <= d <= MAX_FEATURES:
        raise ValueError(f"expected a background row or more, and 1 to {MAX_FEATURES} features: {background.shape}")
    base_value = _mean_predictions(predict, background[None].copy())[0]
    is_in = (np.arange(2**d)[:, None] >> np.arange(d)) % 2 == 1  # (2**d, d)
    size = is_in.sum(axis=1, keepdims=True)
    share = np.array([1 / (d * math.comb(d - 1, s)) for s in range(d)] + [0.0])
    weights = np.where(is_in, share[size - 1], -share[size])
    worth = np.empty((len(X), 2**d))
    worth[:, 0] = base_value
    n_at_a_time = max(1, ROWS_AT_A_TIME // n_background)
    for start in range(1, 2**d, n_at_a_time):
        block = slice(start, start + n_at_a_time)
        for x, row in zip(X, worth, strict=True):
            row[block] = _mean_predictions(predict, np.where(is_in[block, None], x, background))
    return worth @ weights, float(base_value)


def _mean_predictions(predict, mixed):
    predictions = np.asarray(predict(mixed.reshape(-1, mixed.shape[2])))
    if predictions.shape != (mixed.shape[0] * mixed.shape[1],):
        raise ValueError(f"predict must return one number a row, found the shape {predictions.shape}")
    return predictions.reshape(mixed.shape[:2]).mean(axis=1, dtype=float)
