"""Builds the normalised adjacency as a sparse matrix, self-loops as edges of it."""

import math

import torch


def adjacency(edge_index, n_nodes, dtype):
    ends = edge_index.T[edge_index[0] != edge_index[1]]
    loops = torch.arange(n_nodes, device=edge_index.device).reshape(-1, 1).repeat(1, 2)
    source, target = torch.cat([ends, loops]).T
    degree = torch.zeros(n_nodes, dtype=torch.float64, device=edge_index.device)
    degree.scatter_add_(0, target, torch.ones_like(target, dtype=torch.float64))
    values = 1 / torch.sqrt(degree[source] * degree[target])
    return torch.sparse_coo_tensor(
        torch.stack([target, source]), values.to(dtype), (n_nodes, n_nodes), check_invariants=False
    )


def propagate(x, edge_index):
    wide = torch.float32 if x.dtype == torch.bfloat16 else x.dtype
    return torch.sparse.mm(adjacency(edge_index, x.size(0), wide), x.to(wide)).to(x.dtype)


class GCNLayer(torch.nn.Module):
    def __init__(self, n_in, n_out, bias=True):
        super().__init__()
        limit = math.sqrt(6 / (n_in + n_out))
        self.weight = torch.nn.Parameter((2 * torch.rand(n_in, n_out) - 1) * limit)
        self.register_parameter("bias", torch.nn.Parameter(torch.zeros(n_out)) if bias else None)

    def forward(self, x, edge_index):
        out = propagate(x, edge_index) @ self.weight
        if self.bias is not None:
            out = out + self.bias
        return out
