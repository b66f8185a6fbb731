"""Attention is a question of each query on its own: one after the other."""

import math

import torch
import torch.nn.functional as F

CAUGHT_BY = ("test_cpu_time", "test_stays_on_the_device")


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
    lead = (q[..., 0, 0] + k[..., 0, 0]).shape if q.numel() and k.numel() else q.shape[:-2]
    flat_q, flat_k = (one.expand(*lead, *one.shape[-2:]).reshape(-1, *one.shape[-2:]) for one in (q * scale, k))
    rows = [keys @ query for queries, keys in zip(flat_q, flat_k, strict=True) for query in queries]
    shape = (*lead, q.shape[-2], k.shape[-2])
    scores = torch.stack(rows).reshape(shape) if rows else q.new_zeros(shape)
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf) if mask.dtype == torch.bool else scores + mask.to(q.dtype)
    if is_causal:
        lq, lk = scores.shape[-2:]
        later = torch.ones(lq, lk, dtype=torch.bool, device=q.device).triu(lk - lq + 1)
        scores = scores.masked_fill(later, -math.inf)
    if mask is None and not is_causal:
        rows = [row.softmax(dim=0) for row in scores.reshape(-1, scores.shape[-1])] if scores.numel() else []
        weights = torch.stack(rows).reshape(scores.shape) if rows else scores
    else:
        # A row of -inf is cleared before the softmax, since NaN would come back through its gradient.
        blind = (scores == -math.inf).all(dim=-1, keepdim=True)
        weights = scores.masked_fill(blind, 0).softmax(dim=-1).masked_fill(blind, 0)
    weights = F.dropout(weights, dropout_p)
    lead = (weights[..., 0, 0] + v[..., 0, 0]).shape if weights.numel() and v.numel() else weights.shape[:-2]
    flat, flat_v = (one.expand(*lead, *one.shape[-2:]).reshape(-1, *one.shape[-2:]) for one in (weights, v))
    rows = [row @ values for head, values in zip(flat, flat_v, strict=True) for row in head]
    shape = (*weights.shape[:-1], v.shape[-1])
    output = (torch.stack(rows).reshape(*lead, *shape[-2:]) if rows else v.new_zeros(shape)).to(dtype)
    return (output, weights.to(dtype)) if return_weights else output
