"""As graders/lstm_cell/wrong/clears_the_padding_in_place.py, in another hand."""

import torch
from torch.nn.functional import linear


def lstm_cell(x, state, w_ih, w_hh, b_ih=None, b_hh=None):
    h, c = state
    size = w_hh.shape[1]

    def gate(number):
        part = slice(number * size, (number + 1) * size)
        b1 = None if b_ih is None else b_ih[part]
        b2 = None if b_hh is None else b_hh[part]
        return linear(x, w_ih[part], b1) + linear(h, w_hh[part], b2)

    write, forget, show = squash(gate(0)), squash(gate(1)), squash(gate(3))
    candidate = torch.tanh(gate(2))
    memory = forget * c + write * candidate
    return show * torch.tanh(memory), memory


def squash(a):
    return torch.sigmoid(a)


def lstm_layer(x, lengths, w_ih, w_hh, b_ih=None, b_hh=None, *, state=None, reverse=False):
    n, t = x.shape[:2]
    size = w_hh.shape[1]
    counts = [t] * n if lengths is None else [int(length) for length in lengths]
    if len(counts) != n:
        raise ValueError("a length for each sequence is needed")
    if any(count < 0 or count > t for count in counts):
        raise ValueError("a length is out of range")
    real = torch.tensor([[step < count for step in range(t)] for count in counts], dtype=torch.bool).reshape(n, t, 1)
    real = real.to(x.device)
    zero = torch.zeros((), dtype=x.dtype, device=x.device)
    x[~real.squeeze(2)] = 0
    h, c = state if state is not None else (x.new_zeros(n, size), x.new_zeros(n, size))
    shown = {}
    steps = list(range(t))
    if reverse:
        steps.reverse()
    for step in steps:
        now = real[:, step]
        new_h, new_c = lstm_cell(x[:, step], (h, c), w_ih, w_hh, b_ih, b_hh)
        h = torch.where(now, new_h, h)
        c = torch.where(now, new_c, c)
        shown[step] = torch.where(now, new_h, zero)
    if t == 0:
        return x.new_zeros(n, 0, size), (h, c)
    return torch.stack([shown[step] for step in range(t)], dim=1), (h, c)
