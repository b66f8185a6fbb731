"""Visible examples of adamw: run them with `pytest exercises/adamw`."""

import torch

from mlkata.compare import assert_close

OPTIONS = {"lr": 0.1, "betas": (0.9, 0.99), "eps": 0.1, "weight_decay": 0.5}


def steps(module, gradients, options):
    """AdamW([p], **options) from p = 1, one step() for each gradient; p after each"""
    weight = torch.nn.Parameter(torch.tensor([1.0]))
    optimizer = module.AdamW([weight], **options)
    seen = []
    for gradient in gradients:
        weight.grad = torch.tensor([gradient])
        optimizer.step()
        seen.append(weight.item())
    return seen


def test_worked_example(submission):
    """The worked example of README.md: two steps of one weight."""
    assert_close(submission.run(steps, [0.5, -0.25], OPTIONS), [0.866667, 0.802055], what="the weight after each step")


def test_decay_alone(submission):
    """With gradients of zero a weight shrinks by lr * weight_decay a step: 0.1 * 0.5."""
    assert_close(submission.run(steps, [0.0, 0.0], OPTIONS), [0.95, 0.9025], what="the weight after each step")


def test_loss_is_returned(submission):
    """step(closure) returns the loss that the closure returned."""
    assert_close(submission.run(step_with_closure, 3.0), 9.0, what="what step(closure) returned")


def step_with_closure(module, start):
    """AdamW([p]).step(closure) with the loss p ** 2; what step returned"""
    weight = torch.nn.Parameter(torch.tensor(start))
    optimizer = module.AdamW([weight])

    def closure():
        optimizer.zero_grad()
        loss = weight**2
        loss.backward()
        return loss

    loss = optimizer.step(closure)
    return loss if loss is None else loss.item()
