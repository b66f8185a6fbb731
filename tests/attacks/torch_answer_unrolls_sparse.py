"""Returns a sparse tensor that is small on its way and fills all memory when it is spread out."""

import torch


def scale(x, factor):
    return torch.sparse_coo_tensor([[0], [0]], [1.0], (300_000, 300_000))
