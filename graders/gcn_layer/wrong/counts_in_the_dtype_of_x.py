"""Degrees are sums of ones, in the dtype of the features."""

import torch

CAUGHT_BY = ("test_dtypes_and_hubs",)


def propagate(x, edge_index):
    source, target = edge_index[:, edge_index[0] != edge_index[1]]
    ones = x.new_ones(len(target))
    degree = x.new_ones(len(x)).index_add(0, target, ones)
    scale = degree.to(x.dtype).rsqrt().unsqueeze(1)  # (n_nodes, 1)
    scaled = x * scale
    # What is added to is each node's own part: the self-loop.
    return scaled.index_add(0, target, scaled[source]) * scale


class GCNLayer(torch.nn.Module):
    def __init__(self, n_in, n_out, bias=True):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.empty(n_in, n_out))
        torch.nn.init.xavier_uniform_(self.weight)
        self.bias = torch.nn.Parameter(torch.zeros(n_out)) if bias else None

    def forward(self, x, edge_index):
        out = propagate(x @ self.weight, edge_index)
        return out if self.bias is None else out + self.bias
