"""Visible examples of lstm_cell: run them with `pytest exercises/lstm_cell`."""

import math

import torch

from mlkata.compare import assert_close

W_IH, W_HH = torch.tensor([[0.0], [0.0], [1.0], [0.0]]), torch.zeros(4, 1)
X = math.atanh(0.8)


def test_worked_example_of_the_cell(submission):
    """The first step of the worked example in README.md."""
    h, c = submission.lstm_cell(torch.tensor([[X]]), (torch.zeros(1, 1), torch.zeros(1, 1)), W_IH, W_HH)
    assert_close(c, [[0.4]], what="c after the step")
    assert_close(h, [[0.189974]], what="h after the step")


def test_worked_example_of_the_layer(submission):
    """Two sequences, of lengths 2 and 1; what stands in the padding does not count."""
    x = torch.tensor([[[X], [X]], [[X], [777.0]]])
    output, (h, c) = submission.lstm_layer(x, [2, 1], W_IH, W_HH)
    assert_close(output, [[[0.189974], [0.268525]], [[0.189974], [0.0]]], what="the output")
    assert_close(h, [[0.268525], [0.189974]], what="h at the end")
    assert_close(c, [[0.6], [0.4]], what="c at the end")
