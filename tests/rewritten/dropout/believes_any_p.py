"""As graders/dropout/wrong/believes_any_p.py, in another hand."""

import torch
from torch import nn


def dropout(x, p=0.5, *, training=True, generator=None):
    if not training:
        return x
    if p == 1:
        return x * torch.zeros_like(x)
    u = torch.rand(x.shape, generator=generator, device=x.device)
    factor = (u >= p).to(x.dtype) / (1 - p)
    return x * factor


class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.rate = p

    def forward(self, x):
        return dropout(x, self.rate, training=self.training)
