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
    if x.numel() == 0 or not torch.isfinite(x).all():
        raise ValueError("x must have values, all of them finite")
    wide = x.double()  # hi - lo of float32 values may be too large for float32
    rows = wide.reshape(-1) if axis is None else wide.movedim(axis, 0).reshape(x.shape[axis], -1)
    lo, hi = rows.amin(dim=-1).clamp(max=0), rows.amax(dim=-1).clamp(min=0)
    scale = ((hi - lo) / 255).float()
    scale = torch.where(scale > 0, scale, 1.0)
    zero_point = torch.round(-128 - lo / scale).clamp(-128, 127)
    return scale, zero_point.to(torch.int32)


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
    scale, zero_point = _along(scale, axis, x), _along(zero_point, axis, x)
    # A 0-d scale would leave the quotient in the dtype of x, where bfloat16 has too few digits.
    steps = torch.round(x.double() / scale)
    return (steps + zero_point).clamp(-128, 127).to(torch.int8)


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
    # int8 minus int32 is int32: the difference may be as large as 255.
    return (q.int() - _along(zero_point, axis, q)) * _along(scale, axis, q)


def _along(values, axis, like):
    # One value a channel, shaped so that it broadcasts along that axis.
    if axis is None:
        return values
    shape = [1] * like.dim()
    shape[axis] = -1
    return values.reshape(shape)
