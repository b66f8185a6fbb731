"""Visible examples of multi_head_attention: run them with `pytest exercises/multi_head_attention`."""

import math

import torch

from mlkata.compare import assert_close

QUERY = torch.tensor([[[math.log(3.0), 0.0]]])
KEYS = torch.tensor([[[1.0, 5.0], [0.0, 7.0]]])


def identities(module, query, keys, masks):
    """MultiHeadAttention(2, 2) with identities for projections, called with (query, keys, keys, **masks)"""
    layer = module.MultiHeadAttention(2, 2)
    with torch.no_grad():
        layer.in_proj_weight.copy_(torch.eye(2).repeat(3, 1))
        layer.out_proj.weight.copy_(torch.eye(2))
    return layer(query, keys, keys, **masks)


def test_worked_example(submission):
    """The worked example of README.md: two heads of size 1."""
    output, weights = submission.run(identities, QUERY, KEYS, {})
    assert_close(weights, [[[[0.75, 0.25]], [[0.5, 0.5]]]], what="the tensor of weights")
    assert_close(output, [[[0.75, 6.0]]], what="the output")


def test_worked_example_with_padding(submission):
    """With the first key marked as padding the second one alone is seen."""
    output, _ = submission.run(identities, QUERY, KEYS, {"key_padding_mask": torch.tensor([[True, False]])})
    assert_close(output, [[[0.0, 7.0]]], what="the output")
