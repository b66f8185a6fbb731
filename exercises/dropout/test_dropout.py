"""Visible examples of dropout: run them with `pytest exercises/dropout`."""

import torch

from mlkata.compare import assert_close, assert_true


def test_worked_example(submission):
    """Elements are 0 or scaled by 1 / (1 - 0.75) = 4, and the gradient is 0 or 4 at the same places."""
    y, grads = submission.dropout.value_and_grad(torch.tensor([2.0, 4.0, 6.0, 8.0]), 0.75, wrt="x")
    for value, scaled, slope in zip(y.tolist(), [8.0, 16.0, 24.0, 32.0], grads["x"].tolist(), strict=True):
        assert_true(value in (0.0, scaled), f"an element is {value}, and should be 0 or {scaled}")
        assert_close(slope, 4.0 if value else 0.0, what="the gradient of an element")


def test_share_example(submission):
    """Of 10,000 ones with p=0.2 about 2,000 become 0, and the mean stays about 1."""
    y = submission.dropout(torch.ones(100, 100), 0.2)
    assert_close((y == 0).double().mean(), 0.2, rtol=0, atol=0.03, what="the share of zeros")
    assert_close(y.double().mean(), 1.0, rtol=0, atol=0.05, what="the mean")


def test_eval_example(submission):
    """Without training nothing changes."""
    x = torch.tensor([2.0, 4.0, 6.0, 8.0])
    assert_close(submission.dropout(x, 0.75, training=False), x, what="the result")
