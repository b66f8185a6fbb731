"""As graders/multi_head_attention/wrong/heads_by_reshape_alone.py, in another hand."""

import torch


class MultiHeadAttention(torch.nn.Module):
    def __init__(self, d_model, n_heads, *, bias=True, dropout=0.0):
        super().__init__()
        valid = n_heads >= 1 and d_model % n_heads == 0 and 0 <= dropout < 1
        if not valid:
            raise ValueError("bad n_heads or dropout")
        self.h = n_heads
        self.dh = d_model // n_heads
        self.dropout = dropout
        self.in_proj_weight = torch.nn.Parameter(torch.empty(3 * d_model, d_model).normal_(std=0.1))
        if bias:
            self.in_proj_bias = torch.nn.Parameter(torch.zeros(3 * d_model))
        else:
            self.register_parameter("in_proj_bias", None)
        self.out_proj = torch.nn.Linear(d_model, d_model, bias=bias)
        if bias:
            with torch.no_grad():
                self.out_proj.bias.zero_()

    def cut(self, x):
        n, length, _ = x.shape
        return x.reshape(n * self.h, length, self.dh)

    def hide(self, scores, mask):
        if mask.dtype == torch.bool:
            return scores.masked_fill(mask, float("-inf"))
        return scores + mask.type_as(scores)

    def forward(self, query, key, value, *, key_padding_mask=None, attn_mask=None):
        n, lq, d = query.shape
        lk = key.shape[1]
        wq, wk, wv = self.in_proj_weight.split(d)
        q, k, v = query @ wq.t(), key @ wk.t(), value @ wv.t()
        if self.in_proj_bias is not None:
            bq, bk, bv = self.in_proj_bias.split(d)
            q, k, v = q + bq, k + bk, v + bv
        q, k, v = self.cut(q / self.dh**0.5), self.cut(k), self.cut(v)
        scores = torch.bmm(q, k.transpose(1, 2)).view(n, self.h, lq, lk)
        if key_padding_mask is not None:
            if key_padding_mask.dtype != torch.bool:
                raise ValueError("key_padding_mask has to be boolean")
            scores = self.hide(scores, key_padding_mask.reshape(n, 1, 1, lk))
        if attn_mask is not None:
            if not (attn_mask.dtype == torch.bool or attn_mask.is_floating_point()):
                raise ValueError("attn_mask has to be boolean or float")
            scores = self.hide(scores, attn_mask)
        nothing = torch.isneginf(scores).all(-1).unsqueeze(-1)
        weights = torch.softmax(scores.masked_fill(nothing, 0.0), -1) * ~nothing
        kept = weights
        if self.training and self.dropout > 0:
            kept = weights * (torch.rand_like(weights) >= self.dropout) / (1 - self.dropout)
        heads = torch.bmm(kept.view(n * self.h, lq, lk), v).view(n, self.h, lq, self.dh)
        joined = heads.permute(0, 2, 1, 3).reshape(n, lq, d)
        return self.out_proj(joined), weights
