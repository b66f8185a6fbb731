"""Visible examples of adam: run them with `pytest exercises/adam`."""

import numpy as np

from mlkata.compare import assert_close


def two_steps(module, gradients, options):
    """Adam([p], **options), where p = [1.0], and a step for each gradient; p after each"""
    p = np.array([1.0])
    optimizer, path = module.Adam([p], **options), []
    for g in gradients:
        optimizer.step([np.array([g])])
        path.append(float(p[0]))
    return path


def test_worked_example(submission):
    """The worked example of README.md: two steps of one weight."""
    options = {"lr": 0.1, "betas": (0.9, 0.99), "eps": 0.1, "weight_decay": 0.5}
    path = submission.run(two_steps, [0.5, -0.25], options)
    assert_close(path, [0.909091, 0.838202], atol=1e-5, what="the weight after each step")


def first_step(module, arrays, gradients):
    """Adam(arrays, lr=0.5).step(gradients); the arrays"""
    module.Adam(arrays, lr=0.5).step(gradients)
    return arrays


def test_first_step_has_the_length_of_lr(submission):
    """The first step moves each number by lr against the sign of its gradient, large or small."""
    arrays = [np.array([1.0, 2.0]), np.array([[3.0]])]
    found = submission.run(first_step, arrays, [np.array([3.0, -0.01]), np.array([[-700.0]])])
    assert_close(found[0], [0.5, 2.5], rtol=1e-4, what="the first array")
    assert_close(found[1], [[3.5]], rtol=1e-4, what="the second array")
