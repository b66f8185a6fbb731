"""Visible examples of conv2d: run them with `pytest exercises/conv2d`."""

import torch

from mlkata.compare import assert_close, assert_shape

IMAGE = torch.tensor([[[[1.0, 2.0, 0.0, 1.0], [0.0, 1.0, 3.0, 2.0], [4.0, 0.0, 1.0, 1.0]]]])
KERNEL = torch.tensor([[[[1.0, 0.0], [2.0, -1.0]]]])


def test_worked_example(submission):
    """The worked example of README.md: 2 x 3 outputs."""
    assert_close(submission.conv2d(IMAGE, KERNEL), [[[[0.0, 1.0, 4.0], [8.0, 0.0, 4.0]]]], what="the output")


def test_worked_example_with_stride(submission):
    """With stride 2 along the width every second column remains, and a bias is added everywhere."""
    found = submission.conv2d(IMAGE, KERNEL, torch.tensor([0.5]), stride=(1, 2))
    assert_close(found, [[[[0.5, 4.5], [8.5, 4.5]]]], what="the output")


def test_worked_example_with_dilation(submission):
    """With dilation 2 along the width the kernel's columns meet every other column."""
    found = submission.conv2d(IMAGE, KERNEL, dilation=(1, 2))
    assert_shape(found, (1, 1, 2, 2), what="the output")
    assert_close(found, [[[[-2.0, 2.0], [7.0, 0.0]]]], what="the output")
