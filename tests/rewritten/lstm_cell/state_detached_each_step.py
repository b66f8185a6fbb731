"""As graders/lstm_cell/wrong/state_detached_each_step.py, in another hand."""

import torch


def lstm_cell(x, state, w_ih, w_hh, b_ih=None, b_hh=None):
    hidden, cell = state
    a = torch.matmul(x, w_ih.t()) + torch.matmul(hidden, w_hh.t())
    if b_ih is not None:
        a = a + b_ih
    if b_hh is not None:
        a = a + b_hh
    k = cell.shape[-1]
    i, f, g, o = a[:, :k], a[:, k : 2 * k], a[:, 2 * k : 3 * k], a[:, 3 * k :]
    cell = cell * f.sigmoid() + i.sigmoid() * g.tanh()
    return cell.tanh() * o.sigmoid(), cell


def _as_tensor(lengths, n, t):
    if lengths is None:
        return torch.full((n,), t, dtype=torch.int64)
    lengths = torch.as_tensor(lengths).to(torch.int64)
    if tuple(lengths.shape) != (n,):
        raise ValueError("there must be one length for each sequence")
    if n and (lengths.min() < 0 or lengths.max() > t):
        raise ValueError("lengths go from 0 to the number of steps")
    return lengths


def lstm_layer(x, lengths, w_ih, w_hh, b_ih=None, b_hh=None, *, state=None, reverse=False):
    n, t, d = x.shape
    k = w_hh.shape[1]
    lengths = _as_tensor(lengths, n, t).unsqueeze(1).to(x.device)
    place = torch.arange(t, device=x.device).unsqueeze(0)
    valid = place < lengths
    order = torch.where(valid, lengths - 1 - place, place) if reverse else place.repeat(n, 1)
    cleaned = x.masked_fill(torch.logical_not(valid).unsqueeze(-1), 0.0)
    read = cleaned.gather(1, order.unsqueeze(-1).expand(n, t, d))
    if state is None:
        state = (torch.zeros(n, k, dtype=x.dtype, device=x.device),) * 2
    hidden, cell = state
    if t == 0:
        return torch.zeros(n, 0, k, dtype=x.dtype, device=x.device), (hidden, cell)
    keep = valid.to(x.dtype)
    outputs = []
    for s in range(t):
        now = keep[:, s : s + 1]
        next_hidden, next_cell = lstm_cell(read[:, s], (hidden, cell), w_ih, w_hh, b_ih, b_hh)
        hidden = now * next_hidden + (1 - now) * hidden
        cell = now * next_cell + (1 - now) * cell
        outputs.append(now * next_hidden)
        if s + 1 < t:
            hidden, cell = hidden.detach(), cell.detach()
    output = torch.stack(outputs, 1)
    output = output.gather(1, order.unsqueeze(-1).expand(n, t, k))
    return output, (hidden, cell)
