"""Visible examples of stratified_kfold: run them with `pytest exercises/stratified_kfold`."""

import numpy as np
import pytest

from mlkata.compare import assert_equal, assert_true


@pytest.mark.parametrize("shuffle", [False, True])
def test_worked_example(submission, shuffle):
    """The worked example of README.md: each fold has two samples of a and one of b."""
    y = np.array(list("aabaab"))
    folds = submission.stratified_kfold(y, 2, shuffle=shuffle, seed=1 if shuffle else None)
    assert_equal(len(folds), 2, what="the number of folds")
    for train, test in folds:
        assert_equal(sorted(y[np.asarray(test)]), ["a", "a", "b"], what="the list of test labels")
        assert_equal(sorted([*train, *test]), [0, 1, 2, 3, 4, 5], what="the list of all indices of a fold")


def test_sizes_of_the_second_example(submission):
    """With three samples of a and three of b, two folds have three samples each."""
    folds = submission.stratified_kfold(["a", "a", "a", "b", "b", "b"], n_splits=2)
    sizes = [len(test) for _, test in folds]
    assert_true(sizes == [3, 3], "the test folds must have three samples each", f"they have {sizes}")
