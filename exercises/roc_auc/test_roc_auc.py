"""Visible examples of roc_auc: run them with `pytest exercises/roc_auc`."""

import math

from mlkata.compare import assert_close

Y_TRUE = [0, 1, 0, 1]
Y_SCORE = [0.1, 0.4, 0.4, 0.8]


def test_worked_curve(submission):
    """The curve of the worked example: the two samples at 0.4 make one point."""
    fpr, tpr, thresholds = submission.roc_curve(Y_TRUE, Y_SCORE)
    assert_close(fpr, [0.0, 0.0, 0.5, 1.0], what="the array of false positive rates")
    assert_close(tpr, [0.0, 0.5, 1.0, 1.0], what="the array of true positive rates")
    assert_close(thresholds, [math.inf, 0.8, 0.4, 0.1], what="the array of thresholds")


def test_worked_area(submission):
    """The area of the worked example: three pairs and a half of four."""
    assert_close(submission.roc_auc(Y_TRUE, Y_SCORE), 0.875, what="the AUC")


def test_order_of_the_rows(submission):
    """The same samples in another order have the same AUC."""
    assert_close(submission.roc_auc([0, 0, 1, 1], [0.1, 0.4, 0.4, 0.8]), 0.875, what="the AUC")
