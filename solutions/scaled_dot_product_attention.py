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
    if not 0 <= dropout_p < 1:
        raise ValueError(f"dropout_p must lie in [0, 1), found {dropout_p}")
    if mask is not None and mask.dtype != torch.bool and not mask.is_floating_point():
        raise ValueError(f"a mask must be boolean or float, found {mask.dtype}")
    dtype = q.dtype
    if dtype in (torch.float16, torch.bfloat16):
        q, k, v = q.float(), k.float(), v.float()
    scale = 1 / math.sqrt(q.shape[-1]) if scale is None else scale
    scores = (q * scale) @ k.transpose(-2, -1)  # (..., lq, lk)
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf) if mask.dtype == torch.bool else scores + mask.to(q.dtype)
    if is_causal:
        lq, lk = scores.shape[-2:]
        later = torch.ones(lq, lk, dtype=torch.bool, device=q.device).triu(lk - lq + 1)
        scores = scores.masked_fill(later, -math.inf)
    if mask is None and not is_causal:
        weights = scores.softmax(dim=-1)
    else:
        # A row of -inf is cleared before the softmax, since NaN would come back through its gradient.
        blind = (scores == -math.inf).all(dim=-1, keepdim=True)
        weights = scores.masked_fill(blind, 0).softmax(dim=-1).masked_fill(blind, 0)
    weights = F.dropout(weights, dropout_p)
    output = (weights @ v).to(dtype)
    return (output, weights.to(dtype)) if return_weights else output
