"""Visible examples of gcn_layer: run them with `pytest exercises/gcn_layer`."""

import torch

from mlkata.compare import assert_close, assert_shape

PATH = torch.tensor([[0, 1, 1, 2], [1, 0, 2, 1]])


def test_worked_example(submission):
    """The worked example of README.md: three nodes in a row."""
    out = submission.propagate(torch.tensor([[1.0], [2.0], [3.0]]), PATH)
    assert_close(out, [[1.316497], [2.299660], [2.316497]], what="the tensor of propagated features")


def fixed_layer(module, x, edge_index):
    """GCNLayer(1, 1) with weight 10 and bias 1, called with x and edge_index"""
    layer = module.GCNLayer(1, 1)
    with torch.no_grad():
        layer.weight.fill_(10.0)
        layer.bias.fill_(1.0)
    return layer(x, edge_index)


def test_worked_example_of_the_layer(submission):
    """The same through a layer with weight 10 and bias 1."""
    out = submission.run(fixed_layer, torch.tensor([[1.0], [2.0], [3.0]]), PATH)
    assert_close(out, [[14.164966], [23.996598], [24.164966]], what="the output of the layer")


def test_no_edges(submission):
    """Without edges every node keeps its features."""
    x = torch.tensor([[1.0, -2.0], [0.5, 3.0]])
    out = submission.propagate(x, torch.zeros(2, 0, dtype=torch.int64))
    assert_shape(out, (2, 2), what="the tensor of propagated features")
    assert_close(out, x, what="the tensor of propagated features")
