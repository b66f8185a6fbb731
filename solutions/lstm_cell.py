"""An LSTM over a batch of padded sequences."""

import torch


def lstm_cell(x, state, w_ih, w_hh, b_ih=None, b_hh=None):
    """One step of an LSTM, ``c = f * c + i * g`` and ``h = o * tanh(c)``.

    Parameters
    ----------
    x : Tensor of shape (n, d)
        Inputs of the step.
    state : pair of Tensor of shape (n, k)
        h and c before the step.
    w_ih, w_hh : Tensor of shape (4 * k, d) and (4 * k, k)
        Weights of the gates i, f, g, o, in this order.
    b_ih, b_hh : None or Tensor of shape (4 * k,)
        Biases; those that are given are added.

    Returns
    -------
    h, c : Tensor of shape (n, k)
        The state after the step.

    References
    ----------
    Gers, Schmidhuber, Cummins, Learning to Forget, Neural Computation 12(10), 2000.
    """
    h, c = state
    return _update(_project(x, w_ih, b_ih, b_hh) + h @ w_hh.T, c)


def lstm_layer(x, lengths, w_ih, w_hh, b_ih=None, b_hh=None, *, state=None, reverse=False):
    """An LSTM over sequences that are padded to one length.

    Parameters
    ----------
    x : Tensor of shape (n, t, d)
        Sequences; what stands in the padding changes neither values nor gradients, NaN included.
    lengths : None, list of int or integer Tensor of shape (n,)
        Number of real steps of each sequence, 0 to t; None for t.
    w_ih, w_hh : Tensor of shape (4 * k, d) and (4 * k, k)
        Weights of the gates i, f, g, o, in this order.
    b_ih, b_hh : None or Tensor of shape (4 * k,)
        Biases; those that are given are added.
    state : None or pair of Tensor of shape (n, k)
        h and c at the start; zeros by default.
    reverse : bool, default False
        Read each sequence from its last real step to its first.

    Returns
    -------
    output : Tensor of shape (n, t, k)
        h after reading each step, at that step's place; 0 in the padding.
    (h, c) : pair of Tensor of shape (n, k)
        The state of each sequence after the last step that it read.

    Raises
    ------
    ValueError
        Lengths are not n numbers from 0 to t.

    References
    ----------
    Hochreiter and Schmidhuber, Long Short-Term Memory, Neural Computation 9(8), 1997.
    """
    n, t, _ = x.shape
    real = _real_steps(lengths, n, t).to(x.device)  # (n, t, 1)
    # Cleared before anything is computed: NaN times a gradient of 0 would still be NaN.
    projected = _project(x.masked_fill(~real, 0), w_ih, b_ih, b_hh)  # (n, t, 4 * k)
    zeros = x.new_zeros(n, w_hh.shape[1])
    h, c = (zeros, zeros) if state is None else state
    output = [zeros] * t
    for step in reversed(range(t)) if reverse else range(t):
        new_h, new_c = _update(projected[:, step] + h @ w_hh.T, c)
        reads = real[:, step]
        h, c = torch.where(reads, new_h, h), torch.where(reads, new_c, c)
        output[step] = torch.where(reads, new_h, zeros)
    return torch.stack(output, dim=1) if t else x.new_zeros(n, 0, w_hh.shape[1]), (h, c)


def _project(x, w_ih, b_ih, b_hh):
    projected = x @ w_ih.T
    for bias in (b_ih, b_hh):
        projected = projected if bias is None else projected + bias
    return projected


def _update(gates, c):
    i, f, g, o = gates.chunk(4, dim=-1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def _real_steps(lengths, n, t):
    lengths = torch.full((n,), t) if lengths is None else torch.as_tensor(lengths)
    if lengths.shape != (n,) or ((lengths < 0) | (lengths > t)).any():
        raise ValueError(f"expected {n} lengths from 0 to {t}, found {lengths.tolist()}")
    return (torch.arange(t) < lengths[:, None])[:, :, None]
