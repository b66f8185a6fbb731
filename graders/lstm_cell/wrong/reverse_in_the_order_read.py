"""The outputs come in the order in which the steps were read."""

import torch

CAUGHT_BY = ("test_reverse", "test_gradients")


def lstm_cell(x, state, w_ih, w_hh, b_ih=None, b_hh=None):
    h, c = state
    return _update(_project(x, w_ih, b_ih, b_hh) + h @ w_hh.T, c)


def lstm_layer(x, lengths, w_ih, w_hh, b_ih=None, b_hh=None, *, state=None, reverse=False):
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
    output = output[::-1] if reverse else output
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
