"""Sorts by length so that who reads is a prefix, turns sequences around beforehand, and takes the sigmoid from tanh."""

import torch


def half_tanh(a):
    return (torch.tanh(a / 2) + 1) / 2


def step_of(a, c):
    k = c.shape[-1]
    i, f, o = half_tanh(a[..., :k]), half_tanh(a[..., k : 2 * k]), half_tanh(a[..., 3 * k :])
    c = torch.addcmul(f * c, i, torch.tanh(a[..., 2 * k : 3 * k]))
    return o * torch.tanh(c), c


def bias_of(b_ih, b_hh, like):
    given = [b for b in (b_ih, b_hh) if b is not None]
    return sum(given) if given else like.new_zeros(())


def lstm_cell(x, state, w_ih, w_hh, b_ih=None, b_hh=None):
    joined = torch.cat([x, state[0]], dim=1) @ torch.cat([w_ih, w_hh], dim=1).t()
    return step_of(joined + bias_of(b_ih, b_hh, x), state[1])


def lstm_layer(x, lengths, w_ih, w_hh, b_ih=None, b_hh=None, *, state=None, reverse=False):
    n, t, _ = x.size()
    k = w_ih.size(0) // 4
    lengths = torch.full([n], t) if lengths is None else torch.as_tensor(lengths).long().cpu()
    if len(lengths) != n or (n and (lengths.min() < 0 or lengths.max() > t)):
        raise ValueError("lengths")
    order = torch.argsort(lengths, descending=True)
    lengths = lengths[order]
    places = torch.arange(t).expand(n, t)
    if reverse:
        places = torch.where(places < lengths[:, None], lengths[:, None] - 1 - places, places)
    order, places, back = order.to(x.device), places.to(x.device), torch.argsort(order).to(x.device)
    counts = [int((lengths > step).sum()) for step in range(t)]
    rows = x[order[:, None], places]
    if state is None:
        state = x.new_zeros(n, k), x.new_zeros(n, k)
    h, c = state[0][order], state[1][order]
    done_h, done_c, outputs = [], [], []
    for step, count in enumerate(counts):
        done_h.insert(0, h[count:])
        done_c.insert(0, c[count:])
        h, c = lstm_cell(rows[:count, step], (h[:count], c[:count]), w_ih, w_hh, b_ih, b_hh)
        outputs.append(torch.cat([h, h.new_zeros(n - count, k)]))
    h, c = torch.cat([h, *done_h])[back], torch.cat([c, *done_c])[back]
    if t == 0:
        return x.new_empty(n, 0, k), (h, c)
    output = torch.stack(outputs, dim=1)
    return output.gather(1, places[:, :, None].expand(n, t, k))[back], (h, c)
