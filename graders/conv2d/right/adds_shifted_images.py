"""Lays out nothing: adds up one product for each place of the kernel, one group after the other."""

import torch


def conv2d(x, weight, bias=None, *, stride=1, padding=0, dilation=1, groups=1):
    def both(option):
        return tuple(option) if isinstance(option, (tuple, list)) else (option, option)

    stride, padding, dilation = both(stride), both(padding), both(dilation)
    if len(x.shape) != 4 or len(weight.shape) != 4:
        raise ValueError("four axes")
    n, c_in, h, w = x.shape
    c_out, c_group, kh, kw = weight.shape
    if min(*stride, *dilation, groups) < 1 or min(padding) < 0:
        raise ValueError("options")
    if c_in % groups != 0 or c_out % groups != 0 or c_group * groups != c_in:
        raise ValueError("channels")
    padded = torch.zeros(n, c_in, h + 2 * padding[0], w + 2 * padding[1], dtype=x.dtype, device=x.device)
    padded[:, :, padding[0] : padding[0] + h, padding[1] : padding[1] + w] = x
    reach = [dilation[0] * (kh - 1), dilation[1] * (kw - 1)]
    if padded.shape[2] <= reach[0] or padded.shape[3] <= reach[1]:
        raise ValueError("kernel too large")
    parts = []
    for group in range(groups):
        images = padded[:, group * c_group : (group + 1) * c_group]
        kernels = weight[group * (c_out // groups) : (group + 1) * (c_out // groups)]
        total = 0
        for a in range(kh):
            for b in range(kw):
                top, left = a * dilation[0], b * dilation[1]
                bottom, right = padded.shape[2] - reach[0] + top, padded.shape[3] - reach[1] + left
                lattice = images[:, :, top : bottom : stride[0], left : right : stride[1]]
                total = total + torch.einsum("nihw,oi->nohw", lattice, kernels[:, :, a, b])
        parts.append(total)
    result = torch.cat(parts, dim=1)
    if bias is not None:
        result = result + bias.reshape(1, -1, 1, 1)
    return result
