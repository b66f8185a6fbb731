"""Any random numbers will do, such as those of numpy from a seed of its own."""

import numpy as np
import torch

CAUGHT_BY = (
    "test_global_seed",
    "test_generator",
    "test_stays_on_the_device",
)


def dropout(x, p=0.5, *, training=True, generator=None):
    _check(p)
    if not training or p == 0:
        return x
    if p == 1:
        return x * 0  # 1 / (1 - p) is infinite
    source = np.random.default_rng(None if generator is None else generator.initial_seed())
    keep = torch.from_numpy(np.asarray(source.random(tuple(x.shape)) >= p)).to(x.device)
    return torch.where(keep, x / (1 - p), 0)


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
