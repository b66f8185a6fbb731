"""Exponentials of shifted scores over their sum, where hidden keys are multiplied by 0 and an empty sum counts as 1."""

import torch


def scaled_dot_product_attention(
    q, k, v, *, mask=None, is_causal=False, dropout_p=0.0, scale=None, return_weights=False
):
    if dropout_p < 0 or dropout_p >= 1:
        raise ValueError("dropout_p")
    kind = torch.promote_types(q.dtype, torch.float32)
    n_queries, n_keys, width = q.size(-2), k.size(-2), q.size(-1)
    if scale is None:
        scale = width**-0.5
    scores = torch.einsum("...qd,...kd->...qk", q.to(kind), k.to(kind) * scale)
    visible = torch.ones(n_queries, n_keys, dtype=torch.bool, device=q.device)
    if is_causal:
        rows = torch.arange(n_queries, device=q.device)[:, None] + (n_keys - n_queries)
        visible = torch.arange(n_keys, device=q.device)[None, :] <= rows
    if mask is not None:
        if mask.dtype is torch.bool:
            visible = visible & mask
        elif mask.dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
            finite = mask > float("-inf")
            visible = visible & finite
            scores = scores + torch.where(finite, mask.to(kind), torch.zeros((), dtype=kind, device=q.device))
        else:
            raise ValueError("mask")
    scores = torch.where(visible, scores, torch.full_like(scores, torch.finfo(kind).min))
    if n_keys:
        scores = scores - scores.detach().amax(-1, keepdim=True)
    powers = scores.exp() * visible
    total = powers.sum(-1, keepdim=True)
    weights = powers / torch.where(total > 0, total, torch.ones_like(total))
    if dropout_p:
        weights = weights * (torch.rand_like(weights) >= dropout_p) / (1 - dropout_p)
    output = torch.einsum("...qk,...kd->...qd", weights, v.to(kind))
    if return_weights:
        return output.to(q.dtype), weights.to(q.dtype)
    return output.to(q.dtype)
