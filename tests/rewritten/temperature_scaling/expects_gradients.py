"""As graders/temperature_scaling/wrong/expects_gradients.py, in another hand."""

import math

import torch
import torch.nn.functional as F


class TemperatureScaler(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.log_temperature = torch.nn.Parameter(torch.zeros(()))

    def fit(self, logits, targets):
        if logits.dim() != 2 or targets.dim() != 1 or len(logits) == 0 or len(logits) != len(targets):
            raise ValueError("a row of logits is needed for each target")
        if not torch.isfinite(logits).all():
            raise ValueError("logits have to be finite")
        if bool((targets < 0).any()) or bool((targets >= logits.size(1)).any()):
            raise ValueError("a target is no class")
        z = logits.double()
        z = z - z.gather(1, targets.unsqueeze(1))
        low, high = math.log(1e-4), math.log(1e6)
        for _ in range(50):
            log_t = torch.tensor((low + high) / 2, dtype=torch.float64, requires_grad=True)
            loss = F.cross_entropy(z / log_t.exp(), targets)
            loss.backward()
            if log_t.grad > 0:
                high = log_t.item()
            else:
                low = log_t.item()
        self.log_temperature.data.fill_((low + high) / 2)
        return self

    def forward(self, logits):
        return logits / self.log_temperature.exp()
