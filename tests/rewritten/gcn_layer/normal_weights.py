"""As graders/gcn_layer/wrong/normal_weights.py, in another hand."""

import torch
from torch import nn


def propagate(x, edge_index):
    n = x.shape[0]
    src, dst = edge_index[0], edge_index[1]
    proper = src != dst
    every = torch.arange(n, device=x.device)
    src, dst = torch.cat([src[proper], every]), torch.cat([dst[proper], every])
    degree = torch.zeros(n, dtype=torch.float64, device=x.device)
    degree.scatter_add_(0, dst, torch.ones(dst.shape, dtype=torch.float64, device=x.device))
    share = (degree[src] * degree[dst]).pow(-0.5).to(x.dtype)
    messages = share[:, None] * x[src]
    return torch.zeros(x.shape, dtype=x.dtype, device=x.device).index_add(0, dst, messages)


class GCNLayer(nn.Module):
    def __init__(self, n_in, n_out, bias=True):
        super().__init__()
        self.weight = nn.Parameter(0.01 * torch.randn(n_in, n_out))
        self.bias = nn.Parameter(torch.zeros(n_out)) if bias else None

    def forward(self, x, edge_index):
        y = propagate(x, edge_index) @ self.weight
        if self.bias is not None:
            y = y + self.bias
        return y
