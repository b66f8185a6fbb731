"""As graders/dropout/wrong/writes_zeros_into_x.py, in another hand."""

import torch


def _probability(p):
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"{p} is no probability")
    return p


def _lost(shape, p, device, generator):
    chances = torch.full(shape, p, dtype=torch.float32, device=device)
    return torch.bernoulli(chances, generator=generator) == 1


def dropout(x, p=0.5, *, training=True, generator=None):
    _probability(p)
    if not training or p == 0:
        return x
    lost = _lost(x.shape, p, x.device, generator)
    scale = 0.0 if p == 1 else 1.0 / (1.0 - p)
    x.data.masked_fill_(lost, 0.0)
    return x * (~lost * scale).to(x.dtype)


class Dropout(torch.nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = _probability(p)

    def forward(self, x):
        return dropout(x, self.p, training=self.training)
