"""As graders/dropout/wrong/gradient_draws_again.py, in another hand."""

import torch


def _probability(p):
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"{p} is no probability")
    return p


def _lost(shape, p, device, generator):
    chances = torch.full(shape, p, dtype=torch.float32, device=device)
    return torch.bernoulli(chances, generator=generator) == 1


def _apply(values, p, generator):
    lost = _lost(values.shape, p, values.device, generator)
    scale = 0.0 if p == 1 else 1.0 / (1.0 - p)
    return (values * scale).masked_fill(lost, 0)


class _Drop(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, p, generator):
        ctx.options = p, generator
        return _apply(x, p, generator)

    @staticmethod
    def backward(ctx, grad):
        return _apply(grad, *ctx.options), None, None


def dropout(x, p=0.5, *, training=True, generator=None):
    _probability(p)
    if not training or p == 0:
        return x
    return _Drop.apply(x, p, generator)


class Dropout(torch.nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = _probability(p)

    def forward(self, x):
        return dropout(x, self.p, training=self.training)
