"""The formula is one of matrices, so it is computed with matrices."""

import torch

CAUGHT_BY = ("test_cpu_time", "test_memory", "test_nan_stays_where_it_goes", "test_stays_on_the_device")


def propagate(x, edge_index):
    n = len(x)
    source, target = edge_index
    adjacency = torch.zeros(n, n, dtype=x.dtype, device=x.device)
    adjacency.index_put_((target, source), torch.ones_like(target, dtype=x.dtype), accumulate=True)
    adjacency.fill_diagonal_(1)
    scale = adjacency.sum(1).rsqrt()
    return (scale[:, None] * adjacency * scale) @ x


class GCNLayer(torch.nn.Module):
    def __init__(self, n_in, n_out, bias=True):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.empty(n_in, n_out))
        torch.nn.init.xavier_uniform_(self.weight)
        self.bias = torch.nn.Parameter(torch.zeros(n_out)) if bias else None

    def forward(self, x, edge_index):
        out = propagate(x @ self.weight, edge_index)
        return out if self.bias is None else out + self.bias
