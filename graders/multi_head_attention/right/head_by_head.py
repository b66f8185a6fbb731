"""A loop over heads, each with its slices of the weights and its share of the output; masks become one bias."""

import math

import torch
from torch import nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, *, bias=True, dropout=0.0):
        super().__init__()
        if n_heads <= 0 or d_model % n_heads != 0:
            raise ValueError("heads")
        if dropout < 0 or dropout >= 1:
            raise ValueError("dropout")
        self.n_heads = n_heads
        self.size = d_model // n_heads
        self.drop = nn.Dropout(dropout)
        self.in_proj_weight = nn.Parameter(torch.randn(3 * d_model, d_model) / math.sqrt(d_model))
        if bias:
            self.in_proj_bias = nn.Parameter(torch.zeros(3 * d_model))
        else:
            self.register_parameter("in_proj_bias", None)
        self.out_proj = nn.Linear(d_model, d_model, bias=bias)
        if bias:
            self.out_proj.bias.data.zero_()

    def forward(self, query, key, value, *, key_padding_mask=None, attn_mask=None):
        n, lq, d = query.shape
        lk = key.shape[1]
        extra = torch.zeros(n, self.n_heads, lq, lk, dtype=query.dtype, device=query.device)
        if attn_mask is not None:
            if attn_mask.dtype == torch.bool:
                extra = extra.masked_fill(attn_mask, float("-inf"))
            elif attn_mask.is_floating_point():
                extra = extra + attn_mask
            else:
                raise ValueError("attn_mask")
        if key_padding_mask is not None:
            if key_padding_mask.dtype != torch.bool:
                raise ValueError("key_padding_mask")
            extra = extra.masked_fill(key_padding_mask.reshape(n, 1, 1, lk), float("-inf"))
        output, every = 0, []
        for head in range(self.n_heads):
            parts = []
            for number, one in enumerate((query, key, value)):
                rows = slice(number * d + head * self.size, number * d + (head + 1) * self.size)
                bias = None if self.in_proj_bias is None else self.in_proj_bias[rows]
                parts.append(nn.functional.linear(one, self.in_proj_weight[rows], bias))
            q, k, v = parts
            scores = torch.bmm(q, k.transpose(1, 2)) / self.size**0.5 + extra[:, head]
            hidden = torch.isinf(scores)
            sees = ~hidden.all(-1, keepdim=True)
            weights = torch.softmax(torch.where(sees, scores, torch.zeros_like(scores)), -1)
            weights = torch.where(sees, weights, torch.zeros_like(weights))
            every.append(weights)
            columns = self.out_proj.weight[:, head * self.size : (head + 1) * self.size]
            output = output + torch.bmm(self.drop(weights), v) @ columns.t()
        if self.out_proj.bias is not None:
            output = output + self.out_proj.bias
        return output, torch.stack(every, 1)
