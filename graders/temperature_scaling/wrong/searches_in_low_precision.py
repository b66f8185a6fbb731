"""The dtype of the logits is good enough to compare likelihoods in."""

import math

import torch

CAUGHT_BY = ("test_dtypes",)


class TemperatureScaler(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.log_temperature = torch.nn.Parameter(torch.zeros(()))

    @torch.no_grad()
    def fit(self, logits, targets):
        if logits.ndim != 2 or targets.shape != logits.shape[:1] or not len(logits):
            raise ValueError(f"expected logits (n, c) and targets (n,): {tuple(logits.shape)}, {tuple(targets.shape)}")
        if targets.min() < 0 or targets.max() >= logits.shape[1] or not logits.isfinite().all():
            raise ValueError("targets must be classes, and logits finite")
        z = logits
        z = z - z.gather(1, targets[:, None])  # the true class is at 0: the NLL is logsumexp(z / T)
        low, high = math.log(1e-4), math.log(1e6)
        for _ in range(60):
            a, b = (2 * low + high) / 3, (low + 2 * high) / 3
            at_a, at_b = (torch.logsumexp(z * math.exp(-t), dim=1).mean() for t in (a, b))
            low, high = (low, b) if at_a <= at_b else (a, high)
        self.log_temperature.fill_((low + high) / 2)
        return self

    def forward(self, logits):
        return logits / self.log_temperature.exp()
