"""Visible examples of permutation_importance: run them with `pytest exercises/permutation_importance`."""

import numpy as np

from mlkata.compare import assert_close, assert_shape, assert_true


def first_column(rows):
    return rows[:, 0]


def mean_squared_error(y, predictions):
    return ((y - predictions) ** 2).mean()


def test_worked_example(submission):
    """The worked example of README.md: every repeat of the first feature is 0 or 1, of the second 0."""
    mean, std, importances = submission.permutation_importance(
        first_column,
        [[1.0, 7.0], [2.0, 7.0]],
        [1.0, 2.0],
        mean_squared_error,
        n_repeats=40,
        seed=0,
        greater_is_better=False,
    )
    assert_shape(importances, (2, 40), what="the array of importances")
    assert_true(set(np.asarray(importances)[0].tolist()) == {0.0, 1.0}, "the first feature must have 0 and 1 only")
    assert_close(importances[1], np.zeros(40), what="the row of importances of the constant feature")
    assert_close(mean, np.mean(importances, axis=1), what="the array of means")
    assert_close(std, np.std(importances, axis=1, ddof=1), what="the array of standard deviations")
