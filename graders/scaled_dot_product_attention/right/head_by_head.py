"""Flattens batch and heads, goes through the heads in a Python loop, and adds a mask of zeros and minus infinity."""

import math

import torch


def one_head(q, k, v, bias, scale, dropout_p):
    scores = torch.mm(q, k.t()) * scale
    if bias is not None:
        scores = scores + bias
    if scores.shape[1] == 0:
        return q.new_zeros(q.shape[0], v.shape[1]), scores
    hidden = torch.isneginf(scores)
    if bias is not None:
        scores = torch.where(hidden.all(1, keepdim=True), scores.new_zeros(()), scores)
    weights = torch.nn.functional.softmax(scores, dim=1)
    if bias is not None:
        weights = torch.where(hidden, weights.new_zeros(()), weights)
    weights = torch.nn.functional.dropout(weights, p=dropout_p, training=True)
    return torch.mm(weights, v), weights


def scaled_dot_product_attention(
    q, k, v, *, mask=None, is_causal=False, dropout_p=0.0, scale=None, return_weights=False
):
    if not (0.0 <= dropout_p < 1.0):
        raise ValueError("dropout")
    dtype, lq, lk = q.dtype, q.shape[-2], k.shape[-2]
    wide = dtype if dtype == torch.float64 else torch.float32
    scale = scale if scale is not None else 1 / math.sqrt(q.shape[-1])
    lead = sum(one[..., :0, :0].sum(dim=(-2, -1)) for one in (q, k, v)).shape
    bias = None
    if mask is not None:
        if mask.dtype == torch.bool:
            bias = torch.zeros(mask.shape, dtype=wide, device=q.device).masked_fill(mask.logical_not(), -math.inf)
        elif torch.is_floating_point(mask):
            bias = mask.to(wide)
        else:
            raise ValueError("mask must be bool or float")
    if is_causal:
        triangle = torch.full((lq, lk), -math.inf, dtype=wide, device=q.device).triu(lk - lq + 1)
        bias = triangle if bias is None else bias + triangle
    n = math.prod(lead)

    def flat(one):
        return one.to(wide).expand(*lead, *one.shape[-2:]).reshape(n, *one.shape[-2:])

    q, k, v = flat(q), flat(k), flat(v)
    biases = [None] * n if bias is None else bias.expand(*lead, lq, lk).reshape(n, lq, lk)
    pairs = [one_head(*parts, scale, dropout_p) for parts in zip(q, k, v, biases, strict=True)]
    output = torch.stack([pair[0] for pair in pairs]).reshape(*lead, lq, v.shape[-1]).to(dtype)
    if not return_weights:
        return output
    return output, torch.stack([pair[1] for pair in pairs]).reshape(*lead, lq, lk).to(dtype)
