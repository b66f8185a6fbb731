"""Visible examples of batch_norm: run them with `pytest exercises/batch_norm`."""

import numpy as np

from mlkata.compare import assert_close


def example(module, grad_out):
    """BatchNorm(1, eps=0) with gamma 2 and beta 10: forward([[1], [3]]), backward(grad_out), the running averages"""
    layer = module.BatchNorm(1, eps=0.0)
    layer.gamma, layer.beta = np.array([2.0]), np.array([10.0])
    y = layer.forward(np.array([[1.0], [3.0]]))
    return y, layer.backward(grad_out), layer.running_mean, layer.running_var


def test_worked_example(submission):
    """The worked example of README.md: output and running averages."""
    y, _, mean, var = submission.run(example, np.array([[1.0], [0.0]]))
    assert_close(y, [[8.0], [12.0]], what="the output")
    assert_close(mean, [0.2], what="the running mean")
    assert_close(var, [1.1], what="the running variance")


def test_worked_gradients(submission):
    """The gradients of the same batch."""
    _, (grad_x, grad_gamma, grad_beta), _, _ = submission.run(example, np.array([[1.0], [0.0]]))
    assert_close(grad_x, [[0.0], [0.0]], what="the gradient of x")
    assert_close(grad_gamma, [-1.0], what="the gradient of gamma")
    assert_close(grad_beta, [1.0], what="the gradient of beta")


def evaluate(module):
    """The same layer after that batch: forward([[1]], training=False)"""
    layer = module.BatchNorm(1, eps=0.0)
    layer.gamma, layer.beta = np.array([2.0]), np.array([10.0])
    layer.forward(np.array([[1.0], [3.0]]))
    return layer.forward(np.array([[1.0]]), training=False)


def test_evaluation(submission):
    """A single sample is normalised with the running averages."""
    assert_close(submission.run(evaluate), [[11.525516]], what="the output in evaluation")
