"""As graders/int8_quantization/wrong/channels_are_last.py, in another hand."""

import torch


def quantization_params(x, *, axis=None):
    if x.nelement() < 1 or bool((~torch.isfinite(x)).any()):
        raise ValueError("x needs finite values")
    flat = rows_of(x.to(torch.float64), axis)
    nothing = torch.zeros(flat.shape[0], 1, dtype=flat.dtype)
    low, high = torch.aminmax(torch.cat([flat, nothing], dim=1), dim=1)
    scale = (high - low).div(255)
    scale[scale == 0] = 1.0
    zero_point = torch.clamp((-128 - low / scale).round(), min=-128, max=127)
    shape = () if axis is None else (x.shape[axis],)
    return scale.to(torch.float32).reshape(shape), zero_point.to(torch.int32).reshape(shape)


def rows_of(x, axis):
    if axis is None:
        return x.reshape(1, -1)
    return x.transpose(0, axis).flatten(1) if x.dim() > 1 else x.unsqueeze(1)


def quantize(x, scale, zero_point, *, axis=None):
    ticks = torch.round(torch.div(x.double(), scale.double()))
    return torch.clamp(ticks + zero_point.double(), min=-128, max=127).type(torch.int8)


def dequantize(q, scale, zero_point, *, axis=None):
    away = q.to(torch.int64) - zero_point.to(torch.int64)
    return scale.to(torch.float32) * away.to(torch.float32)
