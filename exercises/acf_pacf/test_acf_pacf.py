"""Visible examples of acf_pacf: run them with `pytest exercises/acf_pacf`."""

from mlkata.compare import assert_close


def test_autocorrelation_of_the_worked_example(submission):
    """The worked example of README.md: correlations of five values at the lags 0, 1 and 2."""
    assert_close(submission.acf([2, 4, 3, 7, 4], 2), [1, -3 / 14, 2 / 14])


def test_partial_autocorrelation_of_the_worked_example(submission):
    """The worked example of README.md: at lag 2, what lag 1 does not explain."""
    assert_close(submission.pacf([2, 4, 3, 7, 4], 2), [1, -3 / 14, 19 / 187])


def test_ten_times_the_same(submission):
    """A constant series has correlations of 0."""
    assert_close(submission.acf([0.1] * 10, 3), [1, 0, 0, 0])
