"""The values are an average over all orders of the features, so each order is gone through, with the worths kept."""

import itertools
import math

import numpy as np

CAUGHT_BY = ("test_cpu_time",)

MAX_FEATURES = 20
ROWS_AT_A_TIME = 2**14


def shapley_values(predict, X, background):
    X, background = np.asarray(X, dtype=float), np.asarray(background, dtype=float)
    if X.ndim != 2 or background.ndim != 2 or X.shape[1] != background.shape[1]:
        raise ValueError(f"X and background must be tables with the same features: {X.shape}, {background.shape}")
    n_background, d = background.shape
    if not n_background or not 1 <= d <= MAX_FEATURES:
        raise ValueError(f"expected a background row or more, and 1 to {MAX_FEATURES} features: {background.shape}")
    base_value = _mean_predictions(predict, background[None].copy())[0]
    is_in = (np.arange(2**d)[:, None] >> np.arange(d)) % 2 == 1  # (2**d, d)
    worth = np.empty((len(X), 2**d))
    worth[:, 0] = base_value
    n_at_a_time = max(1, ROWS_AT_A_TIME // n_background)
    for start in range(1, 2**d, n_at_a_time):
        block = slice(start, start + n_at_a_time)
        for x, row in zip(X, worth, strict=True):
            row[block] = _mean_predictions(predict, np.where(is_in[block, None], x, background))
    values = np.zeros(X.shape)
    for total, row in zip(values, worth.tolist(), strict=True):
        for order in itertools.permutations(range(d)):
            members = 0
            for j in order:
                total[j] += row[members + 2**j] - row[members]
                members += 2**j
    return values / math.factorial(d), float(base_value)


def _mean_predictions(predict, mixed):
    predictions = np.asarray(predict(mixed.reshape(-1, mixed.shape[2])))
    if predictions.shape != (mixed.shape[0] * mixed.shape[1],):
        raise ValueError(f"predict must return one number a row, found the shape {predictions.shape}")
    return predictions.reshape(mixed.shape[:2]).mean(axis=1, dtype=float)
