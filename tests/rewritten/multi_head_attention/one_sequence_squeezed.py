"""As graders/multi_head_attention/wrong/one_sequence_squeezed.py, in another hand."""

import math

import torch
from torch import nn


def check_masks(padding, mask):
    if padding is not None and padding.dtype is not torch.bool:
        raise ValueError("the padding mask is not boolean")
    if mask is not None and mask.dtype is not torch.bool and not torch.is_floating_point(mask):
        raise ValueError("the attention mask is neither boolean nor float")


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, *, bias=True, dropout=0.0):
        if n_heads < 1:
            raise ValueError("at least one head is needed")
        if d_model % n_heads:
            raise ValueError("heads of different sizes")
        if dropout < 0 or dropout >= 1:
            raise ValueError("dropout is no probability below 1")
        super().__init__()
        self.count, self.width = n_heads, d_model // n_heads
        self.thin_out = nn.Dropout(dropout)
        self.in_proj_weight = nn.Parameter(nn.Linear(d_model, 3 * d_model).weight.detach().clone())
        self.in_proj_bias = None
        if bias:
            self.in_proj_bias = nn.Parameter(torch.zeros(3 * d_model))
        self.out_proj = nn.Linear(d_model, d_model, bias)
        if bias:
            self.out_proj.bias.data.fill_(0)

    def project(self, x, which, head):
        first = which * self.count * self.width + head * self.width
        last = first + self.width
        bias = None if self.in_proj_bias is None else self.in_proj_bias[first:last]
        return nn.functional.linear(x, self.in_proj_weight[first:last], bias)

    def forward(self, query, key, value, *, key_padding_mask=None, attn_mask=None):
        check_masks(key_padding_mask, attn_mask)
        n, lq, lk = query.size(0), query.size(1), key.size(1)
        if attn_mask is not None:
            attn_mask = attn_mask.expand(n, self.count, lq, lk)
        results, all_weights = [], []
        for head in range(self.count):
            q = self.project(query, 0, head)
            k = self.project(key, 1, head)
            v = self.project(value, 2, head)
            score = torch.bmm(q, k.mT) / math.sqrt(self.width)
            if attn_mask is not None:
                mask = attn_mask[:, head]
                if mask.dtype is torch.bool:
                    score = torch.where(mask, -math.inf, score)
                else:
                    score = score + mask.to(score.dtype)
            if key_padding_mask is not None:
                score = torch.where(key_padding_mask[:, None], -math.inf, score)
            sees = torch.any(score > -math.inf, 2, keepdim=True)
            share = torch.softmax(torch.where(sees, score, 0.0), 2)
            share = torch.where(sees, share, 0.0)
            results.append(torch.bmm(self.thin_out(share), v))
            all_weights.append(share)
        output = self.out_proj(torch.cat(results, 2))
        if n == 1:
            output = output[0]
        return output, torch.stack(all_weights, 1).to(torch.float32)
