"""As graders/scaled_dot_product_attention/wrong/hides_with_a_large_number.py, in another hand."""

import math

import torch
from torch.nn.functional import dropout


def scaled_dot_product_attention(
    q, k, v, *, mask=None, is_causal=False, dropout_p=0.0, scale=None, return_weights=False
):
    if not 0.0 <= dropout_p < 1.0:
        raise ValueError("dropout_p")
    out_type = q.dtype
    if out_type.itemsize == 2:
        q, k, v = q.float(), k.float(), v.float()
    factor = scale if scale is not None else 1.0 / math.sqrt(q.size(-1))
    logits = torch.matmul(q, k.mT) * factor
    logits, visible = apply_mask(logits, mask)
    if is_causal:
        rows = torch.arange(logits.size(-2), device=q.device).unsqueeze(1)
        columns = torch.arange(logits.size(-1), device=q.device).unsqueeze(0)
        visible = visible & (columns - rows <= logits.size(-1) - logits.size(-2))
    attention = normalise(logits, visible)
    attention = dropout(attention, p=dropout_p, training=True)
    output = torch.matmul(attention, v).to(out_type)
    return (output, attention.to(out_type)) if return_weights else output


def apply_mask(logits, mask):
    visible = torch.ones_like(logits, dtype=torch.bool)
    if mask is None:
        return logits, visible
    if mask.dtype is torch.bool:
        return logits, visible & mask
    if mask.dtype.is_floating_point:
        return logits + mask.to(logits.dtype), visible & torch.isfinite(mask)
    raise ValueError("masks are boolean or floats")


def normalise(logits, visible):
    return torch.softmax(torch.where(visible, logits, -1e9), dim=-1)
