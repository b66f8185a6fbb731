"""Whatever is given and whatever the model returns can be broadcast and reshaped."""

import math

import numpy as np

CAUGHT_BY = ("test_bad_input", "test_prediction_of_another_shape")

MAX_FEATURES = 20
ROWS_AT_A_TIME = 2**14


def shapley_values(predict, X, background):
    X, background = np.asarray(X, dtype=float), np.asarray(background, dtype=float)
    n_background, d = background.shape
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
    return predictions.reshape(mixed.shape[:2]).mean(axis=1, dtype=float)
