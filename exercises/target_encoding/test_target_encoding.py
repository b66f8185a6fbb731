"""Visible examples of target_encoding: run them with `pytest exercises/target_encoding`."""

import pandas as pd

from mlkata.compare import assert_close

X = pd.Series(["a", "a", "b", "a", "b", "c"], name="city")
y = pd.Series([3, 5, 10, 6, 2, 1])


def encode_training_rows(module, X, y, folds):
    """TargetEncoder(smoothing=2.0).fit_transform(X, y, folds=folds)"""
    return module.TargetEncoder(smoothing=2.0).fit_transform(X, y, folds=folds)


def test_training_rows_of_the_worked_example(submission):
    """The worked example of README.md: each fold is encoded by the other."""
    encoded = submission.run(encode_training_rows, X, y, [0, 0, 0, 1, 1, 1])
    assert_close(encoded, [4.0, 4.0, 8 / 3, 5.0, 22 / 3, 6.0])


def encode_new_rows(module, X, y, new):
    """TargetEncoder(smoothing=2.0).fit(X, y).transform(new)"""
    return module.TargetEncoder(smoothing=2.0).fit(X, y).transform(new)


def test_new_rows_of_the_worked_example(submission):
    """New rows are encoded by all training rows; a category never seen gets the prior."""
    encoded = submission.run(encode_new_rows, X, y, pd.Series(["c", "a", "z", "b"]))
    assert_close(encoded, [10 / 3, 4.6, 4.5, 5.25])
