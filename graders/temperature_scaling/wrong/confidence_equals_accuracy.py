"""T is right when the mean confidence equals the accuracy."""

import math

import torch

CAUGHT_BY = (
    "test_temperature",
    "test_dtypes",
    "test_scaling_keeps_the_predictions",
)


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
        z = logits.double()
        z = z - z.gather(1, targets[:, None])  # the true class is at 0: the NLL is logsumexp(z / T)
        # The NLL is convex in 1/T: its slope, the mean of z under the softmax, has one sign on each side of the best.
        low, high = math.log(1e-4), math.log(1e6)
        for _ in range(50):
            middle = (low + high) / 2
            p = torch.softmax(z * math.exp(-middle), dim=1)
            if p.max(dim=1).values.mean() < (z.max(dim=1).values == 0).double().mean():
                high = middle
            else:
                low = middle
        self.log_temperature.fill_((low + high) / 2)
        return self

    def forward(self, logits):
        return logits / self.log_temperature.exp()
