"""As graders/dropout/wrong/p_is_the_share_that_stays.py, in another hand."""

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
    if p == 1:
        return x * 0
    lost = _lost(x.shape, 1 - p, x.device, generator)
    scale = 1.0 / p
    return torch.where(lost, torch.zeros_like(x), x * scale)


class Dropout(torch.nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = _probability(p)

    def forward(self, x):
        return dropout(x, self.p, training=self.training)
