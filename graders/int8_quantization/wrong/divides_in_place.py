"""Dividing x where it stands saves a copy."""

import torch

CAUGHT_BY = ("test_layouts_and_arguments",)


def quantization_params(x, *, axis=None):
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
    scale, zero_point = _along(scale, axis, x), _along(zero_point, axis, x)
    steps = torch.round(x.div_(scale).double())
    return (steps + zero_point).clamp(-128, 127).to(torch.int8)


def dequantize(q, scale, zero_point, *, axis=None):
    # int8 minus int32 is int32: the difference may be as large as 255.
    return (q.int() - _along(zero_point, axis, q)) * _along(scale, axis, q)


def _along(values, axis, like):
    # One value a channel, shaped so that it broadcasts along that axis.
    if axis is None:
        return values
    shape = [1] * like.dim()
    shape[axis] = -1
    return values.reshape(shape)
