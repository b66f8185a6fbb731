"""The input is fine and may be worked on in place, and T finds its own range."""

import math

import torch

CAUGHT_BY = (
    "test_bad_input",
    "test_non_contiguous_logits",
    "test_all_correct",
    "test_worse_than_chance",
    "test_equal_logits",
)


class TemperatureScaler(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.log_temperature = torch.nn.Parameter(torch.zeros(()))

    @torch.no_grad()
    def fit(self, logits, targets):
        z = logits.sub_(
            logits.gather(1, targets[:, None])
        ).double()  # the true class is at 0: the NLL is logsumexp(z / T)
        # The NLL is convex in 1/T: its slope, the mean of z under the softmax, has one sign on each side of the best.
        low, high = -600.0, 600.0
        for _ in range(50):
            middle = (low + high) / 2
            p = torch.softmax(z * math.exp(-middle), dim=1)
            if (p * z).sum() < 0:
                high = middle
            else:
                low = middle
        self.log_temperature.fill_((low + high) / 2)
        return self

    def forward(self, logits):
        return logits / self.log_temperature.exp()
