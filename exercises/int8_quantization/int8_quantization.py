"""Affine quantization to int8: how to choose scale and zero point, and how to go there and back."""

import torch


def quantization_params(x, *, axis=None):
    """Scale and zero point that spread the range of `x`, 0 included, over the 256 values of int8.

    Parameters
    ----------
    x : Tensor of floats, of any shape
        Finite values.
    axis : int, optional
        Axis of the channels, each of which gets a pair of its own; None for one pair for the tensor.

    Returns
    -------
    scale : Tensor, float32
        ``(hi - lo) / 255``; 1 where all values are 0. 0-d, or of shape (n_channels,).
    zero_point : Tensor, int32
        ``round(-128 - lo / scale)``, from -128 to 127, of the same shape.

    Raises
    ------
    ValueError
        `x` is empty, or holds NaN or infinity.

    References
    ----------
    Jacob et al., Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference, CVPR
    2018, equation 1.
    """
    raise NotImplementedError("implement quantization_params")


def quantize(x, scale, zero_point, *, axis=None):
    """The nearest int8 values, ``clamp(round(x / scale) + zero_point, -128, 127)``.

    Parameters
    ----------
    x : Tensor of floats, of any shape
        Values, infinity included; those outside the range go to its ends.
    scale, zero_point : Tensor
        As `quantization_params` returns them.
    axis : int, optional
        Axis of the channels, as for `quantization_params`.

    Returns
    -------
    Tensor, int8
        Shape of `x`. Halves are rounded to the even neighbour, before the zero point is added.

    Examples
    --------
    >>> quantize(torch.tensor([-0.25, 0.75, 90.0]), torch.tensor(0.5), torch.tensor(3, dtype=torch.int32))
    tensor([  3,   5, 127], dtype=torch.int8)
    """
    raise NotImplementedError("implement quantize")


def dequantize(q, scale, zero_point, *, axis=None):
    """The floats that int8 values stand for, ``(q - zero_point) * scale``.

    Parameters
    ----------
    q : Tensor, int8, of any shape
        What `quantize` returned.
    scale, zero_point : Tensor
        As `quantization_params` returns them.
    axis : int, optional
        Axis of the channels, as for `quantization_params`.

    Returns
    -------
    Tensor, float32
        Shape of `q`.

    Examples
    --------
    >>> dequantize(torch.tensor([127], dtype=torch.int8), torch.tensor(0.5), torch.tensor(-128, dtype=torch.int32))
    tensor([127.5000])
    """
    raise NotImplementedError("implement dequantize")
