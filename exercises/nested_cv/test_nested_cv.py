"""Visible examples of nested_cv: run them with `pytest exercises/nested_cv`."""

import numpy as np

from mlkata.compare import assert_close, assert_equal

N_CALLS = []


def closeness(candidate, X_train, y_train, X_test, y_test):
    N_CALLS.append(candidate)
    return -abs(candidate * y_train.mean() - y_test.mean())


def test_worked_example(submission):
    """The worked example of README.md."""
    y = np.array([1.0, 2.0, 1.0, 4.0])
    scores, chosen, means = submission.nested_cv(closeness, [0, 1], np.arange(4.0)[:, None], y, n_outer=2, n_inner=2)
    assert_close(scores, [-1.5, -1.0], what="the array of outer scores")
    assert_equal(chosen, [0, 1], what="the array of chosen candidates")
    assert_close(means, [[-2.5, -3.0], [-1.5, -1.0]], what="the array of inner means")


def test_number_of_calls(submission):
    """Three candidates, four outer and two inner folds make 4 * (3 * 2 + 1) calls."""
    N_CALLS.clear()
    submission.nested_cv(closeness, [0.5, 1, 2], np.ones((9, 2)), np.arange(9.0), n_outer=4, n_inner=2)
    assert_equal(len(N_CALLS), 28, what="the number of calls")
