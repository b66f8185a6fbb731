"""Scaled dot-product attention with masks, dropout, and queries that see nothing."""

import math

import torch
import torch.nn.functional as F


def scaled_dot_product_attention(
    q, k, v, *, mask=None, is_causal=False, dropout_p=0.0, scale=None, return_weights=False
):
    """Weighted means of values, ``softmax(scale * q @ k.T + mask) @ v``.

    Parameters
    ----------
    q, k, v : Tensor of shape (..., lq, d), (..., lk, d) and (..., lk, dv)
        Leading axes broadcast; float16, bfloat16, float32 or float64.
    mask : None, or bool or float Tensor that broadcasts to (..., lq, lk)
        True where a query may see a key; floats are added to the scaled scores.
    is_causal : bool, default False
        Query i sees key j only if ``j - i <= lk - lq``; beside the mask.
    dropout_p : float, default 0.0
        Probability, below 1, with which each weight is set to 0; the others are divided by ``1 - dropout_p``.
    scale : float or None
        ``1 / sqrt(d)`` by default.
    return_weights : bool, default False
        Return the weights, after dropout, as well.

    Returns
    -------
    output : Tensor of shape (..., lq, dv)
        In the dtype of `q`; 0 for a query that sees no key.
    weights : Tensor of shape (..., lq, lk)
        Only with `return_weights`.

    Raises
    ------
    ValueError
        A mask that is neither boolean nor float, or `dropout_p` outside [0, 1).

    References
    ----------
    Vaswani and others, Attention Is All You Need, NeurIPS 2017, equation 1.

    Examples
    --------
    >>> scaled_dot_product_attention(torch.zeros(1, 2), torch.zeros(2, 2), torch.tensor([[4.0], [8.0]])).tolist()
    [[6.0]]
    """
    raise NotImplementedError("implement scaled_dot_product_attention")
