"""What makes no sense will fail of itself, and ones and zeros are booleans."""

import math

import torch
import torch.nn.functional as F

CAUGHT_BY = ("test_errors",)


class MultiHeadAttention(torch.nn.Module):
    def __init__(self, d_model, n_heads, *, bias=True, dropout=0.0):
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
        if attn_mask is not None:
            forbids = attn_mask.dtype == torch.bool
            scores = scores.masked_fill(attn_mask, -math.inf) if forbids else scores + attn_mask.to(scores.dtype)
        if key_padding_mask is not None:
            scores = scores.masked_fill(key_padding_mask.bool()[:, None, None, :], -math.inf)
        # A row of -inf is cleared before the softmax, since NaN would come back through its gradient.
        blind = (scores == -math.inf).all(dim=-1, keepdim=True)
        weights = scores.masked_fill(blind, 0).softmax(dim=-1).masked_fill(blind, 0)
        heads = F.dropout(weights, self.dropout, self.training) @ v  # (n, n_heads, lq, d_head)
        return self.out_proj(heads.transpose(1, 2).flatten(2)), weights

    def _project(self, *inputs):
        rows = self.in_proj_weight.chunk(3)
        biases = (None, None, None) if self.in_proj_bias is None else self.in_proj_bias.chunk(3)
        projected = (F.linear(*one) for one in zip(inputs, rows, biases, strict=True))
        return (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in projected)
