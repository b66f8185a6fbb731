"""Does a tensor at a time, in float32, and stacks the channels; cuts off before the zero point is added."""

import torch


def quantization_params(x, *, axis=None):
    if axis is not None and x.numel() > 0:
        pairs = [quantization_params(part) for part in x.unbind(axis)]
        return torch.stack([s for s, _ in pairs]), torch.stack([z for _, z in pairs])
    x = x.to(torch.float32)
    if not x.numel() or bool((x - x != 0).any()):
        raise ValueError("x is empty or not finite")
    lo, hi = torch.aminmax(torch.cat([x.reshape(-1), x.new_zeros(1)]))
    scale = hi / 255 - lo / 255
    if scale == 0:
        scale = torch.ones_like(scale)
    return scale, (-128 - torch.round(lo / scale)).to(torch.int32)


def quantize(x, scale, zero_point, *, axis=None):
    if axis is not None:
        parts = zip(x.unbind(axis), scale, zero_point, strict=True)
        return torch.stack([quantize(part, s, z) for part, s, z in parts], dim=axis)
    z = zero_point.item()
    return (x.float() / scale).round().clamp(-128 - z, 127 - z).add(z).to(torch.int8)


def dequantize(q, scale, zero_point, *, axis=None):
    if axis is not None:
        parts = zip(q.unbind(axis), scale, zero_point, strict=True)
        return torch.stack([dequantize(part, s, z) for part, s, z in parts], dim=axis)
    return (q.to(torch.int32) - zero_point).float() * scale
