"""Sees the patches through as_strided, without copying, and contracts them by one einsum."""

import math

import torch
from torch.nn.functional import pad


def conv2d(x, weight, bias=None, *, stride=1, padding=0, dilation=1, groups=1):
    pairs = []
    for option, least in ((stride, 1), (padding, 0), (dilation, 1)):
        pair = [option] * 2 if not hasattr(option, "__len__") else list(option)
        if any(value < least for value in pair):
            raise ValueError(f"{option} is too small")
        pairs.append(pair)
    (sh, sw), (ph, pw), (dh, dw) = pairs
    if x.dim() != 4 or weight.dim() != 4 or groups < 1:
        raise ValueError("bad arguments")
    c_out, per_group, kh, kw = weight.shape
    if per_group * groups != x.size(1) or c_out % groups:
        raise ValueError("channels and groups do not fit")
    image = pad(x, [pw, pw, ph, ph]).contiguous()
    n, c_in, h, w = image.shape
    ho = math.floor((h - dh * (kh - 1) - 1) / sh + 1)
    wo = math.floor((w - dw * (kw - 1) - 1) / sw + 1)
    if min(ho, wo) <= 0:
        raise ValueError("no output")
    size = (n, groups, per_group, kh, kw, ho, wo)
    steps = (c_in * h * w, per_group * h * w, h * w, dh * w, dw, sh * w, sw)
    patches = torch.as_strided(image, size, steps)
    kernels = (
        weight.view(groups, -1, per_group, kh, kw)
        if weight.is_contiguous()
        else weight.reshape(groups, -1, per_group, kh, kw)
    )
    out = torch.einsum("ngiabhw,goiab->ngohw", patches, kernels).reshape(n, c_out, ho, wo)
    return out if bias is None else out + bias.view(c_out, 1, 1)
