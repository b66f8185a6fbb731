"""As graders/conv2d/wrong/strides_from_the_shape.py, in another hand."""

import torch
import torch.nn.functional as F


def _two(value, lowest, name):
    pair = (value,) * 2 if isinstance(value, int) else tuple(value)
    if any(each < lowest for each in pair):
        raise ValueError(f"{name} must be at least {lowest}")
    return pair


def conv2d(x, weight, bias=None, *, stride=1, padding=0, dilation=1, groups=1):
    if len(x.shape) != 4 or len(weight.shape) != 4:
        raise ValueError("expected four axes")
    stride = _two(stride, 1, "stride")
    padding = _two(padding, 0, "padding")
    dilation = _two(dilation, 1, "dilation")
    n, c_in = x.shape[:2]
    c_out, c_group, *kernel = weight.shape
    if groups < 1 or c_in % groups or c_out % groups or c_in // groups != c_group:
        raise ValueError("groups do not fit the channels")
    out = []
    for axis in (0, 1):
        reach = dilation[axis] * (kernel[axis] - 1) + 1
        room = x.shape[2 + axis] + 2 * padding[axis] - reach
        if room < 0:
            raise ValueError("the kernel does not fit into the image")
        out.append(room // stride[axis] + 1)
    image = F.pad(x, (padding[1], padding[1], padding[0], padding[0]))
    places = out[0] * out[1]
    length = c_group * kernel[0] * kernel[1]
    windows = _windows(image, kernel, out, stride, dilation)
    columns = windows.reshape(n, groups, length, places)
    filters = weight.reshape(1, groups, c_out // groups, length)
    y = torch.matmul(filters, columns).reshape(n, c_out, *out)
    return y if bias is None else torch.add(y, bias.reshape(-1, 1, 1))


def _windows(image, kernel, out, stride, dilation):
    _, channels, height, width = image.shape
    sn, sc, sy, sx = channels * height * width, height * width, width, 1
    size = (image.shape[0], image.shape[1], *kernel, *out)
    steps = (sn, sc, dilation[0] * sy, dilation[1] * sx, stride[0] * sy, stride[1] * sx)
    return torch.as_strided(image, size, steps)
