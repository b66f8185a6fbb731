"""As graders/gcn_layer/wrong/no_self_loops.py, in another hand."""

import torch


def _edges(edge_index):
    sender, receiver = edge_index.unbind(0)
    different = (sender - receiver).nonzero().flatten()
    return sender[different], receiver[different]


def propagate(x, edge_index):
    sender, receiver = _edges(edge_index)
    degree = 1 + torch.bincount(receiver, minlength=x.size(0))
    root = degree.double().rsqrt().to(x.dtype).unsqueeze(1)
    out = x * root
    where = receiver.unsqueeze(1).expand(-1, x.size(1))
    out = torch.zeros_like(out).scatter_add(0, where, out.index_select(0, sender))
    return root * out


class GCNLayer(torch.nn.Module):
    def __init__(self, n_in, n_out, bias=True):
        super().__init__()
        bound = (6.0 / (n_in + n_out)) ** 0.5
        self.weight = torch.nn.Parameter(torch.empty(n_in, n_out).uniform_(-bound, bound))
        self.register_parameter("bias", torch.nn.Parameter(torch.zeros(n_out)) if bias else None)

    def forward(self, x, edge_index):
        hidden = torch.mm(x, self.weight)
        hidden = propagate(hidden, edge_index)
        return hidden if self.bias is None else torch.add(hidden, self.bias)
