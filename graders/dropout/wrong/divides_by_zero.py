"""Dividing by 1 - p needs no special case, since what is dropped is 0 anyway."""

import torch

CAUGHT_BY = ("test_edges_of_p",)


def dropout(x, p=0.5, *, training=True, generator=None):
    _check(p)
    if not training or p == 0:
        return x
    keep = torch.empty(x.shape, dtype=torch.bool, device=x.device).bernoulli_(1 - p, generator=generator)
    return x * keep / (1 - p)


class Dropout(torch.nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        _check(p)
        self.p = p

    def forward(self, x):
        return dropout(x, self.p, training=self.training)


def _check(p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be from 0 to 1, found {p}")
