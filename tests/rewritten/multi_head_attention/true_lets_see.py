"""As graders/multi_head_attention/wrong/true_lets_see.py, in another hand."""

import torch
from torch import nn
from torch.nn import functional


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, *, bias=True, dropout=0.0):
        super().__init__()
        if n_heads < 1 or d_model % n_heads > 0:
            raise ValueError("n_heads must divide d_model")
        if not (dropout >= 0 and dropout < 1):
            raise ValueError("dropout must be at least 0 and below 1")
        self.heads = n_heads
        self.p = dropout
        start = torch.randn(3 * d_model, d_model) * d_model**-0.5
        self.in_proj_weight = nn.Parameter(start)
        self.register_parameter("in_proj_bias", nn.Parameter(torch.zeros(3 * d_model)) if bias else None)
        self.out_proj = nn.Linear(d_model, d_model, bias=bias)
        if bias:
            nn.init.constant_(self.out_proj.bias, 0.0)

    def part(self, x, number):
        d = x.shape[-1]
        y = torch.matmul(x, self.in_proj_weight[number * d : number * d + d].T)
        if self.in_proj_bias is not None:
            y = y + self.in_proj_bias[number * d : number * d + d]
        return y.reshape(x.shape[0], x.shape[1], self.heads, d // self.heads)

    def forward(self, query, key, value, *, key_padding_mask=None, attn_mask=None):
        q, k, v = self.part(query, 0), self.part(key, 1), self.part(value, 2)
        logits = torch.einsum("nqhc,nkhc->nhqk", q, k) * q.shape[-1] ** -0.5
        hidden = torch.zeros(logits.shape, dtype=torch.bool, device=logits.device)
        if attn_mask is not None:
            if attn_mask.dtype == torch.bool:
                hidden = hidden | attn_mask.logical_not()
            elif attn_mask.dtype.is_floating_point:
                logits = logits + attn_mask.to(logits.dtype)
                hidden = hidden | torch.isneginf(attn_mask)
            else:
                raise ValueError("attn_mask must be boolean or float")
        if key_padding_mask is not None:
            if key_padding_mask.dtype != torch.bool:
                raise ValueError("key_padding_mask must be boolean")
            hidden = hidden | key_padding_mask.unsqueeze(1).unsqueeze(1)
        lowest = torch.finfo(logits.dtype).min
        weights = functional.softmax(logits.masked_fill(hidden, lowest), dim=3).masked_fill(hidden, 0.0)
        used = functional.dropout(weights, p=self.p, training=self.training)
        mixed = torch.einsum("nhqk,nkhc->nqhc", used, v)
        return self.out_proj(mixed.reshape(query.shape)), weights
