"""As graders/dropout/wrong/draws_in_the_dtype_of_x.py, in another hand."""

import torch
from torch import nn


def dropout(x, p=0.5, *, training=True, generator=None):
    if p < 0 or p > 1:
        raise ValueError("p is a probability")
    if not training:
        return x
    if p == 1:
        return x * torch.zeros_like(x)
    u = x.new_empty(x.shape).uniform_(generator=generator)
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
