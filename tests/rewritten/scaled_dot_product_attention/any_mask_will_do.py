"""As graders/scaled_dot_product_attention/wrong/any_mask_will_do.py, in another hand."""

import torch


def scaled_dot_product_attention(
    q, k, v, *, mask=None, is_causal=False, dropout_p=0.0, scale=None, return_weights=False
):
    boolean = mask is not None and not torch.is_floating_point(mask)
    kind = q.dtype
    work = torch.float32 if kind in (torch.float16, torch.bfloat16) else kind
    q, k, v = q.to(work), k.to(work), v.to(work)
    lq, lk = q.shape[-2], k.shape[-2]
    if scale is None:
        scale = q.shape[-1] ** -0.5
    scores = products(q, k) * scale
    seen = torch.ones(lq, lk, dtype=torch.bool, device=q.device)
    if is_causal:
        seen = torch.tril(seen, diagonal=lk - lq)
    if boolean:
        seen = seen & (mask != 0)
    elif mask is not None:
        scores = scores + mask.to(work)
        seen = seen & (mask > -torch.inf)
    weights = shares(scores, seen)
    if dropout_p > 0:
        kept = torch.rand_like(weights) >= dropout_p
        weights = weights * kept / (1 - dropout_p)
    result = mixed(weights, v).to(kind)
    if return_weights:
        return result, weights.to(kind)
    return result


def products(q, k):
    return torch.einsum("...id,...jd->...ij", q, k)


def mixed(weights, v):
    return torch.einsum("...ij,...jd->...id", weights, v)


def shares(scores, seen):
    if scores.shape[-1] == 0:
        return scores
    scores = torch.where(seen, scores, -torch.inf)
    top = scores.detach().amax(dim=-1, keepdim=True)
    top = torch.where(top == -torch.inf, 0.0, top)
    parts = torch.exp(scores - top)
    total = parts.sum(dim=-1, keepdim=True)
    return parts / torch.where(total == 0, 1.0, total)
