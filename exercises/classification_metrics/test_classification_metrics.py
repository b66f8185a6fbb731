"""Visible examples of classification_metrics: run them with `pytest exercises/classification_metrics`."""

import pytest

from mlkata.compare import assert_close

Y_TRUE = ["a", "a", "a", "a", "b", "b", "c"]
Y_PRED = ["a", "a", "a", "b", "b", "a", "b"]


def test_worked_example(submission):
    """The worked example of README.md, class by class."""
    precision, recall, f1 = submission.precision_recall_fbeta(Y_TRUE, Y_PRED)
    assert_close(precision, [3 / 4, 1 / 3, 0.0], what="the precision of each class")
    assert_close(recall, [3 / 4, 1 / 2, 0.0], what="the recall of each class")
    assert_close(f1, [3 / 4, 2 / 5, 0.0], what="the F1 of each class")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"average": "macro"}, (0.361111, 0.416667, 0.383333)),
        ({"average": "weighted"}, (0.523810, 0.571429, 0.542857)),
        ({"average": "micro"}, (4 / 7, 4 / 7, 4 / 7)),
        ({"average": "micro", "labels": ["c", "a"]}, (3 / 4, 3 / 5, 2 / 3)),
    ],
    ids=["macro", "weighted", "micro", "micro of two classes"],
)
def test_averages_of_the_example(submission, options, expected):
    """The averages of the worked example."""
    found = submission.precision_recall_fbeta(Y_TRUE, Y_PRED, **options)
    assert_close(found, expected, atol=1e-6, what="the tuple of averages")
