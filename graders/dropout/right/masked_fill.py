"""Clears a scaled copy where a Bernoulli tensor of float64 says so."""

import torch


def dropout(x, p=0.5, *, training=True, generator=None):
    p = float(p)
    if 0.0 <= p <= 1.0:
        pass
    else:
        raise ValueError("p")
    y = x + 0
    if training:
        chances = torch.full(tuple(x.shape), p, dtype=torch.float64, device=x.device)
        dropped = torch.bernoulli(chances, generator=generator) == 1
        y = (y / max(1 - p, 1e-3 if p == 1 else 0)).masked_fill(dropped, 0)
    return y


class Dropout(torch.nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        dropout(torch.zeros(()), p, training=False)
        self.p = p

    def forward(self, x):
        return dropout(x, self.p, training=self.training)
