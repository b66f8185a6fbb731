"""P is the probability that an element stays."""

import torch

CAUGHT_BY = (
    "test_share_of_zeros",
    "test_scale_of_what_is_kept",
)


def dropout(x, p=0.5, *, training=True, generator=None):
    _check(p)
    if not training or p == 0:
        return x
    if p == 1:
        return x * 0  # 1 / (1 - p) is infinite
    keep = torch.empty(x.shape, dtype=torch.bool, device=x.device).bernoulli_(p, generator=generator)
    return torch.where(keep, x / p, 0)


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
