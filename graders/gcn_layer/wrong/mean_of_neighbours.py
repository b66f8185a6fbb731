"""Normalising means to divide each sum by the degree."""

import torch

CAUGHT_BY = ("test_undirected_graph", "test_directed_graph", "test_gradient_by_the_features")


def propagate(x, edge_index):
    source, target = edge_index[:, edge_index[0] != edge_index[1]]
    # Counts are integers: bfloat16 could not count beyond 256.
    degree = torch.bincount(target, minlength=len(x)) + 1
    scale = degree.to(x.dtype).rsqrt().unsqueeze(1)  # (n_nodes, 1)
    scaled = x
    # What is added to is each node's own part: the self-loop.
    return scaled.index_add(0, target, scaled[source]) * scale.square()


class GCNLayer(torch.nn.Module):
    def __init__(self, n_in, n_out, bias=True):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.empty(n_in, n_out))
        torch.nn.init.xavier_uniform_(self.weight)
        self.bias = torch.nn.Parameter(torch.zeros(n_out)) if bias else None

    def forward(self, x, edge_index):
        out = propagate(x @ self.weight, edge_index)
        return out if self.bias is None else out + self.bias
