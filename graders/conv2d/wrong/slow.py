"""Each place of the output is worked out on its own, from the patch that the kernel covers there."""

import torch
import torch.nn.functional as F

CAUGHT_BY = ("test_cpu_time",)


def conv2d(x, weight, bias=None, *, stride=1, padding=0, dilation=1, groups=1):
    (sh, sw), (ph, pw), (dh, dw) = _pair(stride, 1), _pair(padding, 0), _pair(dilation, 1)
    _check_channels(x, weight, groups)
    n, c_out, kh, kw = x.shape[0], weight.shape[0], *weight.shape[2:]
    ho = (x.shape[2] + 2 * ph - dh * (kh - 1) - 1) // sh + 1
    wo = (x.shape[3] + 2 * pw - dw * (kw - 1) - 1) // sw + 1
    if ho < 1 or wo < 1:
        raise ValueError(f"the kernel reaches beyond the padded image: the output would be {ho} x {wo}")

    padded = F.pad(x, (pw, pw, ph, ph))
    kernels = weight.reshape(groups, c_out // groups, -1).transpose(1, 2)
    places = []
    for r in range(ho):
        for c in range(wo):
            patch = padded[:, :, r * sh : r * sh + dh * (kh - 1) + 1 : dh, c * sw : c * sw + dw * (kw - 1) + 1 : dw]
            flat = patch.reshape(n, groups, 1, weight[0].numel())
            places.append((flat @ kernels).reshape(n, c_out))
    y = torch.stack(places, dim=2).reshape(n, c_out, ho, wo)
    return y if bias is None else y + bias[:, None, None]


def _pair(value, least):
    first, second = (value, value) if isinstance(value, int) else value
    if min(first, second) < least:
        raise ValueError(f"expected at least {least}, found {value}")
    return first, second


def _check_channels(x, weight, groups):
    if x.ndim != 4 or weight.ndim != 4:
        raise ValueError(f"expected four axes, found {tuple(x.shape)} and {tuple(weight.shape)}")
    if groups < 1 or x.shape[1] % groups or weight.shape[0] % groups or weight.shape[1] != x.shape[1] // groups:
        raise ValueError(f"{tuple(x.shape)} and {tuple(weight.shape)} do not fit {groups} groups")
