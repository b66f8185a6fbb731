"""Visible examples of optimal_threshold: run them with `pytest exercises/optimal_threshold`."""

import pytest

from mlkata.compare import assert_close

Y_TRUE = [0, 1, 0, 1, 1]
Y_SCORE = [0.1, 0.4, 0.4, 0.8, 0.9]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, (0.4, 6 / 7)),
        ({"metric": "precision", "min_recall": 0.9}, (0.4, 0.75)),
        ({"costs": [[0, 5], [1, 0]]}, (0.8, 0.2)),
    ],
    ids=["f1", "precision under a constraint", "costs"],
)
def test_worked_example(submission, options, expected):
    """The worked example of README.md."""
    threshold, value = submission.optimal_threshold(Y_TRUE, Y_SCORE, **options)
    assert_close(threshold, expected[0], what="the threshold")
    assert_close(value, expected[1], what="the value")
