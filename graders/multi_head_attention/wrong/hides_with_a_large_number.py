"""A score of minus a billion is as good as minus infinity."""

import math

import torch
import torch.nn.functional as F

CAUGHT_BY = ("test_nothing_to_see",)


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
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])  # (n, n_heads, lq, lk)
        if attn_mask is not None and attn_mask.dtype != torch.bool and not attn_mask.is_floating_point():
            raise ValueError(f"attn_mask must be boolean or float, found {attn_mask.dtype}")
        if key_padding_mask is not None and key_padding_mask.dtype != torch.bool:
            raise ValueError(f"key_padding_mask must be boolean, found {key_padding_mask.dtype}")
        if attn_mask is not None:
            forbids = attn_mask.dtype == torch.bool
            scores = scores.masked_fill(attn_mask, -1e9) if forbids else scores + attn_mask.to(scores.dtype)
        if key_padding_mask is not None:
            scores = scores.masked_fill(key_padding_mask[:, None, None, :], -1e9)
        weights = scores.clamp(min=-1e9).softmax(dim=-1)
        heads = F.dropout(weights, self.dropout, self.training) @ v  # (n, n_heads, lq, d_head)
        return self.out_proj(heads.transpose(1, 2).flatten(2)), weights

    def _project(self, *inputs):
        rows = self.in_proj_weight.chunk(3)
        biases = (None, None, None) if self.in_proj_bias is None else self.in_proj_bias.chunk(3)
        projected = (F.linear(*one) for one in zip(inputs, rows, biases, strict=True))
        return (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in projected)
