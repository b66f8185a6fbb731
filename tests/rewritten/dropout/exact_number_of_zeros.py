"""As graders/dropout/wrong/exact_number_of_zeros.py, in another hand."""

import torch


def _probability(p):
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"{p} is no probability")
    return p


def _lost(shape, p, device, generator):
    size = shape.numel()
    lost = torch.zeros(size, dtype=torch.bool, device=device)
    lost[torch.randperm(size, device=device, generator=generator)[: round(size * p)]] = True
    return lost.view(shape)


def dropout(x, p=0.5, *, training=True, generator=None):
    _probability(p)
    if not training or p == 0:
        return x
    lost = _lost(x.shape, p, x.device, generator)
    scale = 0.0 if p == 1 else 1.0 / (1.0 - p)
    return torch.where(lost, torch.zeros_like(x), x * scale)


class Dropout(torch.nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = _probability(p)

    def forward(self, x):
        return dropout(x, self.p, training=self.training)
