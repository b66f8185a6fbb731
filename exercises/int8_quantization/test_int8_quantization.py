"""Visible examples of int8_quantization: run them with `pytest exercises/int8_quantization`."""

import torch

from mlkata.compare import assert_close, assert_equal


def test_worked_example(submission):
    """The worked example of README.md: scale 0.01, zero point -28, and both ways."""
    x = torch.tensor([-1.0, 0.0, 0.5, 1.55])
    scale, zero_point = submission.quantization_params(x)
    assert_close(scale, 0.01, rtol=1e-4, what="the scale")
    assert_equal(zero_point, torch.tensor(-28), what="the zero point")
    q = submission.quantize(torch.tensor([-1.0, 0.0, 0.5, 1.55, 3.0]), scale, zero_point)
    assert_equal(q, torch.tensor([-128, -28, 22, 127, 127]), what="the tensor of int8 values")
    back = submission.dequantize(q, scale, zero_point)
    assert_close(back, [-1.0, 0.0, 0.5, 1.55, 1.55], rtol=1e-4, what="the tensor of floats that comes back")


def test_ties_of_the_worked_example(submission):
    """Quotients of 0.5 and 1.5 round to 0 and 2; then the zero point of 1 is added."""
    one = torch.tensor(1, dtype=torch.int32)
    q = submission.quantize(torch.tensor([0.25, 0.75]), torch.tensor(0.5), one)
    assert_equal(q, torch.tensor([1, 3]), what="the tensor of int8 values")
