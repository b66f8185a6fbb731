"""Visible examples of shapley_values: run them with `pytest exercises/shapley_values`."""

from mlkata.compare import assert_close


def product(rows):
    return rows[:, 0] * rows[:, 1]


def test_worked_example(submission):
    """The worked example of README.md: the product of two features."""
    values, base_value = submission.shapley_values(product, [[3.0, 5.0]], [[0.0, 1.0], [4.0, 3.0]])
    assert_close(values, [[2.5, 6.5]], what="the array of values")
    assert_close(base_value, 6.0, what="the base value")


def test_third_feature(submission):
    """The same with a third feature that the model does not look at."""
    values, base_value = submission.shapley_values(product, [[3.0, 5.0, 8.0]], [[0.0, 1.0, 2.0], [4.0, 3.0, -7.0]])
    assert_close(values, [[2.5, 6.5, 0.0]], what="the array of values")
    assert_close(base_value, 6.0, what="the base value")
