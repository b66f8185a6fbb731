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
        raise NotImplementedError("implement MultiHeadAttention")

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
        raise NotImplementedError("implement MultiHeadAttention")
