"""As graders/dropout/wrong/mask_from_numpy.py, in another hand."""

import numpy as np
import torch
from torch import nn

_rng = np.random.default_rng(0)


def dropout(x, p=0.5, *, training=True, generator=None):
    if p < 0 or p > 1:
        raise ValueError("p is a probability")
    if not training:
        return x
    if p == 1:
        return x * torch.zeros_like(x)
    u = torch.as_tensor(_rng.random(tuple(x.shape)), device=x.device)
    factor = (u >= p).to(x.dtype) / (1 - p)
    return x * factor


class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        if p < 0 or p > 1:
            raise ValueError("p is a probability")
        self.rate = p

    def forward(self, x):
        return dropout(x, self.rate, training=self.training)
