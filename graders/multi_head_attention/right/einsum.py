"""Einsum over weights with an axis for heads, and a softmax of its own that leaves hidden keys out of the sum."""

import torch


class MultiHeadAttention(torch.nn.Module):
    def __init__(self, d_model, n_heads, *, bias=True, dropout=0.0):
        if n_heads < 1 or d_model // n_heads * n_heads != d_model:
            raise ValueError(f"{n_heads} heads for {d_model} features")
        if not 0.0 <= dropout < 1.0:
            raise ValueError(f"dropout {dropout}")
        super().__init__()
        self.h, self.p = n_heads, dropout
        make = torch.nn.Linear(d_model, 3 * d_model, bias=False)
        self.in_proj_weight = make.weight
        self.in_proj_bias = torch.nn.Parameter(torch.zeros(3 * d_model)) if bias else None
        self.out_proj = torch.nn.Linear(d_model, d_model, bias)
        if bias:
            torch.nn.init.constant_(self.out_proj.bias, 0.0)

    def forward(self, query, key, value, *, key_padding_mask=None, attn_mask=None):
        d = query.size(-1)
        weight = self.in_proj_weight.reshape(3, self.h, d // self.h, d)
        bias = torch.zeros_like(weight[..., 0])
        if self.in_proj_bias is not None:
            bias = self.in_proj_bias.reshape(weight.shape[:-1])
        q, k, v = (
            torch.einsum("nld,hed->nlhe", one, weight[number]) + bias[number]
            for number, one in enumerate((query, key, value))
        )
        scores = torch.einsum("nqhe,nkhe->nhqk", q, k) * (d // self.h) ** -0.5
        visible = torch.ones_like(scores, dtype=torch.bool)
        if attn_mask is not None and attn_mask.dtype == torch.bool:
            visible = visible & ~attn_mask
        elif attn_mask is not None:
            if attn_mask.dtype not in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
                raise ValueError("attn_mask")
            visible = visible & ~torch.isneginf(attn_mask)
            scores = scores + attn_mask.nan_to_num(neginf=0.0)
        if key_padding_mask is not None:
            if key_padding_mask.dtype != torch.bool:
                raise ValueError("key_padding_mask")
            visible = visible & ~key_padding_mask.unsqueeze(1).unsqueeze(1)
        scores = torch.where(visible, scores, torch.finfo(scores.dtype).min)
        top = scores.amax(-1, keepdim=True).detach()
        powers = torch.exp(scores - top) * visible
        weights = powers / powers.sum(-1, keepdim=True).clamp(min=1e-30)
        used = weights
        if self.training and self.p > 0:
            used = weights * torch.bernoulli(torch.full_like(weights, 1 - self.p)) / (1 - self.p)
        heads = torch.einsum("nhqk,nkhe->nqhe", used, v)
        return self.out_proj(heads.reshape(*query.shape[:2], d)), weights
