"""Query i sees the keys up to i, however many there are."""

import math

import torch
import torch.nn.functional as F

CAUGHT_BY = ("test_causal", "test_causal_and_mask", "test_sizes")


def scaled_dot_product_attention(
    q, k, v, *, mask=None, is_causal=False, dropout_p=0.0, scale=None, return_weights=False
):
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
        later = torch.ones(lq, lk, dtype=torch.bool, device=q.device).triu(1)
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
