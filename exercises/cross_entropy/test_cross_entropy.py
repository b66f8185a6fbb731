"""Visible examples of cross_entropy: run them with `pytest exercises/cross_entropy`."""

import numpy as np

from mlkata.compare import assert_close

LOGITS = np.array([[0.0, np.log(3.0)], [0.0, np.log(3.0)]])
TARGETS = np.array([1, 0])


def test_worked_example(submission):
    """The worked example of README.md: p is [1/4, 3/4], the targets are 1 and 0."""
    losses = submission.cross_entropy(LOGITS, TARGETS, reduction="none")
    assert_close(losses, [0.287682, 1.386294], atol=1e-6, what="the array of losses")
    assert_close(submission.cross_entropy(LOGITS, TARGETS), 0.836988, atol=1e-6, what="the mean")


def test_worked_example_with_options(submission):
    """The same with weights, whose mean divides by 3, and with label smoothing."""
    mean = submission.cross_entropy(LOGITS, TARGETS, weight=[2, 1])
    assert_close(mean, 1.020090, atol=1e-6, what="the weighted mean")
    losses = submission.cross_entropy(LOGITS, TARGETS, label_smoothing=0.2, reduction="none")
    assert_close(losses[0], 0.397543, atol=1e-6, what="the first loss with smoothing")


def test_gradient_example(submission):
    """The gradient of the mean in the worked example."""
    grad = submission.cross_entropy_grad(LOGITS, TARGETS)
    assert_close(grad, [[0.125, -0.125], [-0.375, 0.375]], atol=1e-6, what="the gradient")
