"""Visible examples of mlp_backprop: run them with `pytest exercises/mlp_backprop`."""

import math

import numpy as np

from mlkata.compare import assert_close

PARAMS = {
    "W1": np.array([[1.0, -1.0], [0.5, 0.25]]),
    "b1": np.zeros(2),
    "W2": np.array([[0.5, 0.0], [1.0, 2.0]]),
    "b2": np.array([0.0, 1.0]),
}


def test_worked_example(submission):
    """The worked example of README.md: the loss and every gradient of one sample."""
    loss, grads = submission.loss_and_grads(PARAMS, np.array([[1.0, 2.0]]), np.array([0]))
    assert_close(loss, math.log(2), what="the loss")
    assert_close(grads["b2"], [-0.5, 0.5], what="the gradient of b2")
    assert_close(grads["W2"], [[-1.0, 1.0], [0.0, 0.0]], what="the gradient of W2")
    assert_close(grads["b1"], [-0.25, 0.0], what="the gradient of b1")
    assert_close(grads["W1"], [[-0.25, 0.0], [-0.5, 0.0]], what="the gradient of W1")
    assert_close(grads["X"], [[-0.25, -0.125]], what="the gradient of X")


def test_probabilities(submission):
    """The same sample: both classes have probability 1/2."""
    assert_close(submission.predict_proba(PARAMS, np.array([[1.0, 2.0]])), [[0.5, 0.5]], what="the probabilities")


def test_one_step(submission):
    """One step with lr=1 moves b2 by minus its gradient; the loss is that from before the step."""
    params, losses = submission.train(PARAMS, np.array([[1.0, 2.0]]), np.array([0]), lr=1.0, n_steps=1)
    assert_close(params["b2"], [0.5, 0.5], what="b2 after the step")
    assert_close(losses, [math.log(2)], what="the list of losses")
