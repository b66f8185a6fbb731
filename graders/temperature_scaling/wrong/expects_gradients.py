"""Gradients are on, and backward may run through the logits."""

import math

import torch

CAUGHT_BY = ("test_gradients_switched_off_or_on",)


class TemperatureScaler(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.log_temperature = torch.nn.Parameter(torch.zeros(()))

    def fit(self, logits, targets):
        if logits.ndim != 2 or targets.shape != logits.shape[:1] or not len(logits):
            raise ValueError(f"expected logits (n, c) and targets (n,): {tuple(logits.shape)}, {tuple(targets.shape)}")
        if targets.min() < 0 or targets.max() >= logits.shape[1] or not logits.isfinite().all():
            raise ValueError("targets must be classes, and logits finite")
        z = logits.double()
        z = z - z.gather(1, targets[:, None])  # the true class is at 0: the NLL is logsumexp(z / T)
        # The NLL is convex in 1/T: its slope, the mean of z under the softmax, has one sign on each side of the best.
        low, high = math.log(1e-4), math.log(1e6)
        for _ in range(50):
            middle = (low + high) / 2
            p = torch.softmax(z * math.exp(-middle), dim=1)
            if (p * z).sum() < 0:
                high = middle
            else:
                low = middle
        log_t = torch.tensor((low + high) / 2, dtype=torch.float64, requires_grad=True)
        loss = torch.logsumexp(z / log_t.exp(), dim=1).mean()
        loss.backward()
        self.log_temperature.data.copy_(log_t.detach())
        return self

    def forward(self, logits):
        return logits / self.log_temperature.exp()
