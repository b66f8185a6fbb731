"""Works on Python numbers, one element after the other."""

import math

import torch


def _channel(x, axis):
    """For each element, in order, the number of its channel."""
    if axis is None:
        return [0] * x.numel()
    axis = axis + x.dim() if axis < 0 else axis
    inner = math.prod(x.shape[axis + 1 :])
    return [(place // inner) % x.shape[axis] for place in range(x.numel())]


def quantization_params(x, *, axis=None):
    values = [float(v) for v in x.reshape(-1)]
    if not values or any(math.isnan(v) or math.isinf(v) for v in values):
        raise ValueError("no range")
    n = 1 if axis is None else x.shape[axis]
    lo, hi = [0.0] * n, [0.0] * n
    for c, v in zip(_channel(x, axis), values, strict=True):
        lo[c], hi[c] = min(lo[c], v), max(hi[c], v)
    scales = [(b - a) / 255 if b > a else 1.0 for a, b in zip(lo, hi, strict=True)]
    zeros = [min(127, max(-128, round(-128 - a / s))) for a, s in zip(lo, scales, strict=True)]
    if axis is None:
        return torch.tensor(scales[0]), torch.tensor(zeros[0], dtype=torch.int32)
    return torch.tensor(scales), torch.tensor(zeros, dtype=torch.int32)


def quantize(x, scale, zero_point, *, axis=None):
    scales, zeros, out = scale.reshape(-1).tolist(), zero_point.reshape(-1).tolist(), []
    for c, v in zip(_channel(x, axis), x.reshape(-1).tolist(), strict=True):
        t = v / scales[c]
        t = max(-1000.0, min(1000.0, t))
        out.append(max(-128, min(127, round(t) + zeros[c])))
    return torch.tensor(out, dtype=torch.int8).reshape(x.shape)


def dequantize(q, scale, zero_point, *, axis=None):
    scales, zeros = scale.reshape(-1).tolist(), zero_point.reshape(-1).tolist()
    out = [(v - zeros[c]) * scales[c] for c, v in zip(_channel(q, axis), q.reshape(-1).tolist(), strict=True)]
    return torch.tensor(out, dtype=torch.float32).reshape(q.shape)
