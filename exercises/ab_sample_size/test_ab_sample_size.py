"""Visible examples of ab_sample_size: run them with `pytest exercises/ab_sample_size`."""

from mlkata.compare import assert_close, assert_equal


def test_worked_example(submission):
    """The worked example of README.md: from 20 % to 30 %."""
    assert_equal(submission.sample_size(0.2, 0.1), (294, 294))


def test_power_of_the_worked_example(submission):
    """The groups of the worked example find the effect four times out of five."""
    assert_close(submission.achieved_power(0.2, 0.1, 294, 294), 0.80114, atol=1e-5)


def test_relative_effect(submission):
    """A relative effect of a half makes 30 % of 20 %."""
    assert_equal(submission.sample_size(0.2, 0.5, relative=True), (294, 294))
