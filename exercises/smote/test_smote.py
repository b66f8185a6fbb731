"""Visible examples of smote: run them with `pytest exercises/smote`."""

import numpy as np

from mlkata.compare import assert_close, assert_equal, assert_shape, assert_true

X = np.array([[9.0, 9], [0, 0], [8, 7], [4, 2], [7, 9], [9, 6], [1, 3], [6, 6]])
y = np.array(["common", "rare", "common", "rare", "common", "common", "rare", "common"])


def test_worked_example(submission):
    """The worked example of README.md: two synthetic rows, both on segments that end at (1, 3)."""
    rows, labels = submission.smote(X, y, k_neighbors=1, seed=0)
    assert_shape(rows, (10, 2))
    assert_close(rows[:8], X, what="the part with the given rows")
    assert_equal(labels, np.array([*y, "rare", "rare"]), what="the array of labels")
    for row in rows[8:]:
        areas = [abs(end[0] * (row[1] - 3) - end[1] * (row[0] - 1)) for end in ((-1.0, -3.0), (3.0, -1.0))]
        assert_true(min(areas) < 1e-9, "a synthetic row must lie on one of the two segments", f"got {row}")


def test_same_seed(submission):
    """The same seed gives the same rows."""
    first, second = (submission.smote(X, y, seed=7)[0] for _ in range(2))
    assert_shape(first, (10, 2))
    assert_equal(first, second)
