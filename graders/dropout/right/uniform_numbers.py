"""Compares float32 uniform numbers with p, and multiplies by mask and scale."""

import torch
from torch import nn


def dropout(x, p=0.5, *, training=True, generator=None):
    if p < 0 or p > 1:
        raise ValueError("p is a probability")
    if not training:
        return x
    u = torch.rand(x.size(), generator=generator, device=x.device)
    mask = (u >= p).to(x.dtype)
    scale = 1 / (1 - p) if p < 1 else 0.0
    return x * mask * scale


class Dropout(nn.Module):
    def __init__(self, p=0.5):
        nn.Module.__init__(self)
        if p < 0 or p > 1:
            raise ValueError("p is a probability")
        self.p = p

    def forward(self, x):
        return dropout(x, self.p, training=True) if self.training else x.clone()
