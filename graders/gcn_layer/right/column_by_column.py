"""Sorts the edges by target and takes differences of running sums, one feature at a time."""

import torch


def propagate(x, edge_index):
    n = x.shape[0]
    keep = torch.ne(*edge_index)
    order = torch.argsort(edge_index[1][keep])
    source, target = edge_index[0][keep][order], edge_index[1][keep][order]
    ends = torch.searchsorted(target, torch.arange(n + 1, device=x.device))
    root = torch.sqrt((ends.diff() + 1).double())
    columns = []
    for column in x.unbind(1):
        own = column.double() / root
        # Running sums would carry a NaN on to all that follows: sum the gaps apart.
        lost = torch.isnan(own)
        running = torch.cat([own.new_zeros(1), torch.where(lost, 0.0, own)[source].cumsum(0)])
        broken = torch.cat([ends.new_zeros(1), lost[source].long().cumsum(0)])
        received = running[ends[1:]] - running[ends[:-1]]
        received = torch.where(broken[ends[1:]] > broken[ends[:-1]], torch.nan, received)
        columns.append(((received + own) / root).to(x.dtype))
    return torch.stack(columns, dim=1)


class GCNLayer(torch.nn.Module):
    def __init__(self, n_in, n_out, bias=True):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.nn.init.xavier_uniform_(torch.zeros(n_out, n_in)).T.contiguous())
        self.bias = torch.nn.Parameter(torch.zeros(n_out)) if bias else None

    def forward(self, x, edge_index):
        out = propagate(x @ self.weight, edge_index)
        if self.bias is None:
            return out
        return out + self.bias[None, :]
