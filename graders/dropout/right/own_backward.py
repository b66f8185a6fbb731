"""An autograd function that keeps the factors of the forward pass, drawn as integers."""

import torch


class _Drop(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, p, generator):
        threshold = round(p * 2**31)
        drawn = torch.randint(0, 2**31, x.shape, generator=generator, device=x.device, dtype=torch.int64)
        factor = torch.zeros(x.shape, dtype=x.dtype, device=x.device)
        factor.masked_fill_(drawn >= threshold, 0.0 if p == 1 else 1.0 / (1.0 - p))
        ctx.save_for_backward(factor)
        return x * factor

    @staticmethod
    def backward(ctx, upstream):
        (factor,) = ctx.saved_tensors
        return upstream * factor, None, None


def dropout(x, p=0.5, *, training=True, generator=None):
    if not (p >= 0 and p <= 1):
        raise ValueError(p)
    return _Drop.apply(x, p, generator) if training and p > 0 else x.view_as(x)


class Dropout(torch.nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        if not (p >= 0 and p <= 1):
            raise ValueError(p)
        self.probability = p

    def forward(self, x):
        return dropout(x, p=self.probability, training=self.training)
