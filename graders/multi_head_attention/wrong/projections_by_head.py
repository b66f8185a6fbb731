"""The input projection holds query, key and value of the first head, then those of the second."""

import math

import torch
import torch.nn.functional as F

CAUGHT_BY = ("test_parameters", "test_self_attention", "test_cross_attention")


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
            scores = scores.masked_fill(attn_mask, -math.inf) if forbids else scores + attn_mask.to(scores.dtype)
        if key_padding_mask is not None:
            scores = scores.masked_fill(key_padding_mask[:, None, None, :], -math.inf)
        # A row of -inf is cleared before the softmax, since NaN would come back through its gradient.
        blind = (scores == -math.inf).all(dim=-1, keepdim=True)
        weights = scores.masked_fill(blind, 0).softmax(dim=-1).masked_fill(blind, 0)
        heads = F.dropout(weights, self.dropout, self.training) @ v  # (n, n_heads, lq, d_head)
        return self.out_proj(heads.transpose(1, 2).flatten(2)), weights

    def _project(self, *inputs):
        weight, bias = self.in_proj_weight, self.in_proj_bias
        rows = weight.unflatten(0, (self.n_heads, 3, -1)).transpose(0, 1).reshape(3, -1, weight.shape[1])
        biases = (None, None, None)
        if bias is not None:
            biases = bias.unflatten(0, (self.n_heads, 3, -1)).transpose(0, 1).flatten(1)
        projected = (F.linear(*one) for one in zip(inputs, rows, biases, strict=True))
        return (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in projected)
