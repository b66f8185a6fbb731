"""Two answers are alike where they are wrong in the same way, whatever the rounding and whatever holds the numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mlkata.alike import same_mistakes


def value(found):
    return [{"value": found}]


def alike(theirs, known, right):
    return same_mistakes(value(theirs), value(known), value(right))


@pytest.mark.parametrize(
    ("theirs", "known", "right"),
    [
        (3.0, 3.0 + 1e-12, 2.0),
        (3.0, np.float64(3.0), 2.0),
        ([1.0, 2.0], np.array([1.0, 2.0]), np.array([1.0, 3.0])),
        (torch.tensor([1.0, 2.5]), torch.tensor([1.0, 2.5 + 1e-6]), torch.tensor([1.0, 2.0])),
        (1e-6, 1.001e-6, 2e-6),
        (np.array([np.nan, 1.0]), np.array([np.nan, 1.0]), np.array([0.0, 1.0])),
        (np.ones((2, 3)), np.ones((2, 3)), np.ones(6)),
        ("cat", "cat", "dog"),
        ((1, {"a": 5}), (1, {"a": 5}), (1, {"a": 6})),
        (np.array([1.0], np.float32), np.array([1.0], np.float32), np.array([1.0])),
        (np.bool_(True), True, False),
    ],
)
def test_same_mistake_is_seen(theirs, known, right):
    assert alike(theirs, known, right)


@pytest.mark.parametrize(
    ("theirs", "known", "right"),
    [
        (2.0, 2.0, 2.0),
        (3.0, 2.0, 2.0),
        (3.0, 4.0, 2.0),
        (3.0, 3.1, 2.0),
        (1e-6, 1.2e-6, 2e-6),
        (np.array([np.nan, 1.0]), np.array([1.0, np.nan]), np.array([0.0, 1.0])),
        (np.array([3.0, 1.0]), np.array([3.0, 1.5]), np.array([2.0, 1.0])),
        (np.ones((2, 3)), np.ones((3, 2)), np.ones(6)),
        ("cat", "cow", "dog"),
        ((1, 5), (1, 5, 5), (1, 6)),
        (np.array([1.0], np.float32), np.array([1.0], np.float16), np.array([1.0])),
        (None, 1.0, 2.0),
    ],
)
def test_another_mistake_is_none_of_the_same(theirs, known, right):
    assert not alike(theirs, known, right)


def test_exceptions_are_alike_by_their_type():
    def raised(kind, message):
        return [{"error": {"type": kind, "message": message}, "raised": object()}]

    assert same_mistakes(raised("KeyError", "a"), raised("KeyError", "b"), value(1))
    assert not same_mistakes(raised("KeyError", "a"), raised("ValueError", "a"), value(1))
    assert not same_mistakes(raised("KeyError", "a"), value(2), value(1))


def test_every_answer_of_a_row_counts():
    right = value(1) + value(2) + value(3)

    assert same_mistakes(value(1) + value(9), value(1) + value(9), right)
    assert not same_mistakes(value(1) + value(9), value(8) + value(9), right)
    assert not same_mistakes(value(9), value(9) + value(9), right)


def test_where_the_truth_is_right_both_must_be():
    theirs, right = np.array([5.0, 1.0]), np.array([4.0, 1.0])

    assert not alike(theirs, np.array([5.0, 1.0 + 1e-3]), right)


def test_what_became_of_arguments_counts():
    clean, dirty = {"value": 1, "after": {"0": [1]}}, {"value": 1, "after": {"0": [2]}}

    assert same_mistakes([dirty], [dirty], [clean])
    assert not same_mistakes([dirty], [clean], [clean])
