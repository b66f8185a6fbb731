"""Visible examples of maml: run them with `pytest exercises/maml`."""

import pytest
import torch

from mlkata.compare import assert_close


def squared_distance(params, target):
    return (params["w"] - target) ** 2


def value_and_slope(module, n_steps, first_order):
    """maml_loss((w - t) ** 2, w = 4, [(1, 2)], lr=0.25), and its gradient by w"""
    w = torch.tensor(4.0, requires_grad=True)
    loss = module.maml_loss(squared_distance, {"w": w}, [(1.0, 2.0)], lr=0.25, n_steps=n_steps, first_order=first_order)
    return loss.detach(), torch.autograd.grad(loss, w)[0]


@pytest.mark.parametrize(("n_steps", "loss", "slope", "rough"), [(1, 0.25, 0.5, 1.0), (2, 0.0625, -0.125, -0.5)])
def test_worked_example(submission, n_steps, loss, slope, rough):
    """The worked example of README.md: one step and two, second order and first."""
    for first_order, expected in ((False, slope), (True, rough)):
        found = submission.run(value_and_slope, n_steps, first_order)
        assert_close(found[0], loss, what="the meta-loss")
        assert_close(found[1], expected, what=f"the gradient of the meta-loss with first_order={first_order}")
