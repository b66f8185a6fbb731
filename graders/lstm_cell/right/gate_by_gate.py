"""Four weights for four gates; at each step only the sequences that read are indexed, and written back out of place."""

import torch


def lstm_cell(x, state, w_ih, w_hh, b_ih=None, b_hh=None):
    h, c = state
    k = h.shape[1]
    values = []
    for number in range(4):
        rows = slice(number * k, (number + 1) * k)
        a = torch.nn.functional.linear(x, w_ih[rows]) + torch.nn.functional.linear(h, w_hh[rows])
        if b_ih is not None:
            a = a + b_ih[rows]
        if b_hh is not None:
            a = a + b_hh[rows]
        values.append(a.tanh() if number == 2 else a.sigmoid())
    c = values[1] * c + values[0] * values[2]
    return values[3] * c.tanh(), c


def lstm_layer(x, lengths, w_ih, w_hh, b_ih=None, b_hh=None, *, state=None, reverse=False):
    n, t = x.shape[0], x.shape[1]
    k = w_hh.shape[1]
    if lengths is None:
        lengths = [t] * n
    lengths = [int(length) for length in lengths]
    if len(lengths) != n or any(length < 0 or length > t for length in lengths):
        raise ValueError("bad lengths")
    if state is None:
        h, c = torch.zeros(n, k, dtype=x.dtype, device=x.device), torch.zeros(n, k, dtype=x.dtype, device=x.device)
    else:
        h, c = state
    steps = list(range(t))
    if reverse:
        steps.reverse()
    columns = {}
    for step in steps:
        active = torch.tensor([j for j in range(n) if step < lengths[j]], dtype=torch.long, device=x.device)
        new_h, new_c = lstm_cell(x[active, step], (h[active], c[active]), w_ih, w_hh, b_ih, b_hh)
        h, c = h.index_copy(0, active, new_h), c.index_copy(0, active, new_c)
        columns[step] = torch.zeros_like(h).index_copy(0, active, new_h)
    if not columns:
        return x.new_zeros((n, 0, k)), (h, c)
    return torch.stack([columns[step] for step in range(t)], 1), (h, c)
