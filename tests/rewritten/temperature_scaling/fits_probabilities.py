"""As graders/temperature_scaling/wrong/fits_probabilities.py, in another hand."""

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
        if logits.dim() != 2 or targets.dim() != 1 or len(logits) == 0 or len(logits) != len(targets):
            raise ValueError("a row of logits is needed for each target")
        if not torch.isfinite(logits).all():
            raise ValueError("logits have to be finite")
        if bool((targets < 0).any()) or bool((targets >= logits.size(1)).any()):
            raise ValueError("a target is no class")
        with torch.no_grad():
            scores = F.softmax(logits.detach().to(torch.float64), dim=-1)
            a, b = math.log(1e-4), math.log(1e6)
            for _ in range(60):
                middle = 0.5 * (a + b)
                if self._too_hot(scores, targets, middle):
                    b = middle
                else:
                    a = middle
            self.log_temperature.copy_(torch.tensor(0.5 * (a + b)))
        return self

    @staticmethod
    def _too_hot(scores, targets, log_t):
        probabilities = F.softmax(scores / math.exp(log_t), dim=-1)
        errors = probabilities - F.one_hot(targets, scores.size(1))
        return bool((errors * scores).sum() < 0)
