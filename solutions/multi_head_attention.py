"""Multi-head attention with the parameters of torch's own."""

import math

import torch
import torch.nn.functional as F


class MultiHeadAttention(torch.nn.Module):
    """Attention in several heads, batch first.

    Parameters
    ----------
    d_model : int
        Number of features of queries, keys and values.
    n_heads : int
        Number of heads; it divides `d_model`.
    bias : bool, default True
        Whether the projections have biases, 0 at first.
    dropout : float, default 0.0
        Probability, below 1, with which a weight is dropped in training mode.

    Attributes
    ----------
    in_proj_weight, in_proj_bias : Parameter of shape (3 * d_model, d_model) and (3 * d_model,)
        Projections of query, key and value, on top of each other; the bias is None without biases.
    out_proj : Linear
        The last projection.

    Raises
    ------
    ValueError
        `n_heads` does not divide `d_model`, or `dropout` is outside [0, 1).

    References
    ----------
    Vaswani and others, Attention Is All You Need, NeurIPS 2017, section 3.2.2.
    """

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
        """Attend.

        Parameters
        ----------
        query : Tensor of shape (n, lq, d_model)
        key, value : Tensor of shape (n, lk, d_model)
        key_padding_mask : None or bool Tensor of shape (n, lk)
            True where a key is padding.
        attn_mask : None, or bool or float Tensor that broadcasts to (n, n_heads, lq, lk)
            True where a query may not see a key; floats are added to the scaled scores.

        Returns
        -------
        output : Tensor of shape (n, lq, d_model)
        weights : Tensor of shape (n, n_heads, lq, lk)
            Before dropout; 0 for a query that sees no key.

        Raises
        ------
        ValueError
            A mask of another dtype.
        """
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
        """Query, key and value, projected and cut into heads of shape (n, n_heads, l, d_head)."""
        rows = self.in_proj_weight.chunk(3)
        biases = (None, None, None) if self.in_proj_bias is None else self.in_proj_bias.chunk(3)
        projected = (F.linear(*one) for one in zip(inputs, rows, biases, strict=True))
        return (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in projected)
