"""Sequences of different lengths are run one after the other, each without its padding."""

import torch

CAUGHT_BY = ("test_cpu_time", "test_stays_on_the_device")


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
    outputs, states = [], []
    for j in range(n):
        h_j, c_j, output = h[j], c[j], [zeros[j]] * t
        for step in reversed(range(t)) if reverse else range(t):
            if real[j, step]:
                h_j, c_j = _update(projected[j, step] + h_j @ w_hh.T, c_j)
                output[step] = h_j
        outputs.append(torch.stack(output) if t else zeros[:0])
        states.append((h_j, c_j))
    h, c = (torch.stack(part) for part in zip(*states, strict=True))
    return torch.stack(outputs), (h, c)


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
