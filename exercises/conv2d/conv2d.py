"""2-D convolution as a product of kernels with the patches of an image."""

import torch
import torch.nn.functional as F


def conv2d(x, weight, bias=None, *, stride=1, padding=0, dilation=1, groups=1):
    """Cross-correlation of images with kernels, as `torch.nn.functional.conv2d`.

    Parameters
    ----------
    x : Tensor of shape (n, c_in, h, w)
        float32, float64 or bfloat16; n may be 0.
    weight : Tensor of shape (c_out, c_in / groups, kh, kw)
        Kernels, which are not flipped.
    bias : None or Tensor of shape (c_out,)
        Added to each output channel.
    stride, padding, dilation : int or pair of int
        Of a pair the first is for the height. Padding is with zeros, on each side.
    groups : int, default 1
        Runs of neighbouring channels that are convolved apart.

    Returns
    -------
    Tensor of shape (n, c_out, ho, wo)
        ``ho = (h + 2 * padding - dilation * (kh - 1) - 1) // stride + 1``, and wo alike; dtype of `x`.

    Raises
    ------
    ValueError
        Shapes or options do not fit each other, or the output would have no rows or columns.

    References
    ----------
    Chellapilla, Puri, Simard, High Performance Convolutional Neural Networks for Document Processing, 2006, section 3.

    Examples
    --------
    >>> conv2d(torch.ones(1, 1, 2, 3), torch.ones(1, 1, 2, 2)).tolist()
    [[[[4.0, 4.0]]]]
    """
    raise NotImplementedError("implement conv2d")
