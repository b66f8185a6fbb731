"""As graders/conv2d/wrong/groups_take_turns.py, in another hand."""

import torch


def conv2d(x, weight, bias=None, *, stride=1, padding=0, dilation=1, groups=1):
    down, right = both(stride)
    top, side = both(padding)
    apart_y, apart_x = both(dilation)
    if x.dim() != 4 or weight.dim() != 4:
        raise ValueError("images and kernels have four axes")
    if min(down, right, apart_y, apart_x, groups) < 1 or min(top, side) < 0:
        raise ValueError("an option is too small")
    n, c_in, h, w = x.shape
    c_out, per_group, kh, kw = weight.shape
    if c_in != per_group * groups or c_out % groups != 0:
        raise ValueError("channels and groups do not fit")
    ho = count(h + 2 * top, kh, apart_y, down)
    wo = count(w + 2 * side, kw, apart_x, right)
    if ho <= 0 or wo <= 0:
        raise ValueError("the kernel is larger than the image")
    canvas = x.new_zeros(n, c_in, h + 2 * top, w + 2 * side)
    canvas[:, :, top : top + h, side : side + w] = x
    rows = meeting_places(kh, ho, apart_y, down, x.device)
    columns = meeting_places(kw, wo, apart_x, right, x.device)
    patches = canvas[:, :, rows[:, None, :, None], columns[None, :, None, :]]
    results = []
    for g in range(groups):
        images = patches[:, g::groups]
        kernels = weight[g * (c_out // groups) : (g + 1) * (c_out // groups)]
        results.append(torch.einsum("oiab,niabrc->norc", kernels, images))
    y = torch.cat(results, dim=1)
    if bias is not None:
        y = y + bias.view(1, -1, 1, 1)
    return y


def both(option):
    if isinstance(option, int):
        return [option, option]
    return list(option)


def count(size, kernel, apart, step):
    return (size - apart * (kernel - 1) - 1) // step + 1


def meeting_places(kernel, out, apart, step, device):
    inside = torch.arange(kernel, device=device) * apart
    starts = torch.arange(out, device=device) * step
    return inside[:, None] + starts[None, :]
