"""As graders/temperature_scaling/wrong/trusts_the_caller.py, in another hand."""

import math

import torch
from torch.nn import functional as F


class TemperatureScaler(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.log_temperature = torch.nn.Parameter(torch.tensor(0.0))

    def forward(self, logits):
        return logits * torch.exp(-self.log_temperature)

    def fit(self, logits, targets):
        with torch.no_grad():
            logits -= logits.gather(1, targets.unsqueeze(1))
            scores = logits.to(torch.float64)
            left, right = -500.0, 500.0
            for _ in range(80):
                middle = 0.5 * (left + right)
                if self._too_hot(scores, middle):
                    right = middle
                else:
                    left = middle
            self.log_temperature.copy_(torch.tensor(0.5 * (left + right)))
        return self

    @staticmethod
    def _too_hot(scores, log_t):
        probabilities = F.softmax(scores / math.exp(log_t), dim=-1)
        return bool((probabilities * scores).sum() < 0)
