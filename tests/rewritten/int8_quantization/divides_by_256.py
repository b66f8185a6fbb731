"""As graders/int8_quantization/wrong/divides_by_256.py, in another hand."""

import numpy as np
import torch


def quantization_params(x, *, axis=None):
    values = x.detach().to(torch.float64).cpu().numpy()
    if values.size == 0:
        raise ValueError("x is empty")
    if not np.isfinite(values).all():
        raise ValueError("x must be finite")
    if axis is None:
        scale, zero = limits(values)
        return torch.tensor(scale, dtype=torch.float32), torch.tensor(zero, dtype=torch.int32)
    pairs = [limits(np.take(values, i, axis=axis)) for i in range(values.shape[axis])]
    scales = torch.tensor([pair[0] for pair in pairs], dtype=torch.float32)
    return scales, torch.tensor([pair[1] for pair in pairs], dtype=torch.int32)


def limits(values):
    low = min(float(values.min()), 0.0)
    high = max(float(values.max()), 0.0)
    if low == high:
        return 1.0, -128
    scale = (high - low) / 2**8
    zero = round(-128 - low / scale)
    return scale, max(-128, min(127, zero))


def spread(parameter, axis, dim):
    if axis is None:
        return parameter
    for _ in range(dim - 1 - axis % dim):
        parameter = parameter.unsqueeze(-1)
    return parameter


def quantize(x, scale, zero_point, *, axis=None):
    step = spread(scale, axis, x.dim()).to(torch.float64)
    zero = spread(zero_point, axis, x.dim()).to(torch.float64)
    whole = (x.to(torch.float64) / step).round()
    return torch.clip(whole + zero, -128, 127).to(torch.int8)


def dequantize(q, scale, zero_point, *, axis=None):
    step = spread(scale, axis, q.dim())
    zero = spread(zero_point, axis, q.dim())
    return q.to(torch.float32).sub(zero).mul(step)
