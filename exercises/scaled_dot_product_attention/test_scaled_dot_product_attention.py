"""Visible examples of scaled_dot_product_attention: run them with `pytest exercises/scaled_dot_product_attention`."""

import math

import torch

from mlkata.compare import assert_close

Q = torch.tensor([[2.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
K = torch.tensor([[math.log(3.0), 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]])
V = torch.tensor([[4.0], [8.0]])


def test_worked_example(submission):
    """The worked example of README.md, with its weights."""
    output, weights = submission.scaled_dot_product_attention(Q, K, V, return_weights=True)
    assert_close(weights, [[0.75, 0.25], [0.5, 0.5]], what="the matrix of weights")
    assert_close(output, [[5.0], [6.0]], what="the output")


def test_worked_example_causal(submission):
    """Causal, the first query sees the first key only."""
    assert_close(submission.scaled_dot_product_attention(Q, K, V, is_causal=True), [[4.0], [6.0]], what="the output")


def test_worked_example_with_a_mask(submission):
    """A query that may see no key gets 0."""
    mask = torch.tensor([[True, False], [False, False]])
    assert_close(submission.scaled_dot_product_attention(Q, K, V, mask=mask), [[4.0], [0.0]], what="the output")
