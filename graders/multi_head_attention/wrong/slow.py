"""Attention is a question of each query of each head on its own: one after the other."""

import math

import torch
import torch.nn.functional as F

CAUGHT_BY = ("test_cpu_time", "test_stays_on_the_device")


class MultiHeadAttention(torch.nn.Module):
    def __init__(self, d_model, n_heads, *, bias=True, dropout=0.0):
        if n_heads < 1 or d_model % n_heads or not 0 <= dropout < 1:
            raise ValueError(f"{n_heads} heads do not divide {d_model} features, or dropout {dropout} is not in [0, 1)")
        super().__init__()
        self.n_heads, self.dropout = n_heads, dropout
        self.in_proj_weight = torch.nn.Parameter(torch.empty(3 * d_model, d_model))
        self.in_proj_bias = torch.nn.Parameter(torch.zeros(3 * d_model)) if bias else None
        self.out_proj = torch.nn.Linear(d_model, d_model, bias=bias)
        torch.nn.init.xavier_uniform_(self.in_proj_weight)
        if bias:
            torch.nn.init.zeros_(self.out_proj.bias)

    def forward(self, query, key, value, *, key_padding_mask=None, attn_mask=None):
        q, k, v = self._project(query, key, value)
        flat_q, flat_k = q.flatten(0, 1), k.flatten(0, 1)
        rows = [keys @ one for head, keys in zip(flat_q, flat_k, strict=True) for one in head]
        scores = torch.stack(rows).reshape(*q.shape[:3], -1) / math.sqrt(q.shape[-1])
        if attn_mask is not None and attn_mask.dtype != torch.bool and not attn_mask.is_floating_point():
            raise ValueError(f"attn_mask must be boolean or float, found {attn_mask.dtype}")
        if key_padding_mask is not None and key_padding_mask.dtype != torch.bool:
            raise ValueError(f"key_padding_mask must be boolean, found {key_padding_mask.dtype}")
        if attn_mask is not None:
            forbids = attn_mask.dtype == torch.bool
            scores = scores.masked_fill(attn_mask, -math.inf) if forbids else scores + attn_mask.to(scores.dtype)
        if key_padding_mask is not None:
            scores = scores.masked_fill(key_padding_mask[:, None, None, :], -math.inf)
        # A row of -inf is cleared before the softmax, since NaN would come back through its gradient.
        blind = (scores == -math.inf).all(dim=-1, keepdim=True)
        weights = torch.stack([row.softmax(dim=0) for row in scores.masked_fill(blind, 0).flatten(0, 2)])
        weights = weights.reshape(scores.shape).masked_fill(blind, 0)
        used, flat_v = F.dropout(weights, self.dropout, self.training).flatten(0, 1), v.flatten(0, 1)
        rows = [row @ values for head, values in zip(used, flat_v, strict=True) for row in head]
        heads = torch.stack(rows).reshape(*weights.shape[:3], -1)
        return self.out_proj(heads.transpose(1, 2).flatten(2)), weights

    def _project(self, *inputs):
        rows = self.in_proj_weight.chunk(3)
        biases = (None, None, None) if self.in_proj_bias is None else self.in_proj_bias.chunk(3)
        projected = (F.linear(*one) for one in zip(inputs, rows, biases, strict=True))
        return (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in projected)
