"""As graders/dropout/wrong/seeds_the_global_generator.py, in another hand."""

import torch


def _probability(p):
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"{p} is no probability")
    return p


def _lost(shape, p, device, generator):
    chances = torch.full(shape, p, dtype=torch.float32, device=device)
    if generator is not None:
        torch.manual_seed(generator.initial_seed())
    return torch.bernoulli(chances) == 1


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
