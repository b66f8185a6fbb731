"""Visible examples of focal_loss: run them with `pytest exercises/focal_loss`."""

import math

import torch

from mlkata.compare import assert_close


def test_worked_example(submission):
    """The worked example of README.md: p_t is 3/4, then 1/4."""
    logits = torch.tensor([[0.0, math.log(3.0)], [0.0, math.log(3.0)]])
    losses = submission.focal_loss(logits, torch.tensor([1, 0]), gamma=2.0, reduction="none")
    assert_close(losses, [0.017980, 0.779790], rtol=1e-4)


def test_worked_example_with_alpha(submission):
    """The same with a weight of 2 for class 0: the mean does not divide by the weights."""
    logits = torch.tensor([[0.0, math.log(3.0)], [0.0, math.log(3.0)]])
    loss = submission.focal_loss(logits, torch.tensor([1, 0]), alpha=torch.tensor([2.0, 1.0]))
    assert_close(loss, 0.788780, rtol=1e-4)


def test_sigmoid_example(submission):
    """One element at p = 1/2 with target 1: 0.25 * (1/2)^2 * ln 2."""
    loss = submission.sigmoid_focal_loss(torch.tensor([0.0]), torch.tensor([1.0]))
    assert_close(loss, 0.25 * 0.25 * math.log(2.0), rtol=1e-4)
