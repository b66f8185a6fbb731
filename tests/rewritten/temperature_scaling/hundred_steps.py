"""As graders/temperature_scaling/wrong/hundred_steps.py, in another hand."""

import torch
from torch.nn import functional as F


class TemperatureScaler(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.log_temperature = torch.nn.Parameter(torch.zeros(()))

    def forward(self, logits):
        return logits / self.log_temperature.exp()

    def fit(self, logits, targets):
        if logits.dim() != 2 or targets.dim() != 1 or len(logits) == 0 or len(logits) != len(targets):
            raise ValueError("a row of logits is needed for each target")
        if not torch.isfinite(logits).all():
            raise ValueError("logits have to be finite")
        if bool((targets < 0).any()) or bool((targets >= logits.size(1)).any()):
            raise ValueError("a target is no class")
        z = logits.detach().double()
        t = torch.zeros((), dtype=torch.float64, requires_grad=True)
        descent = torch.optim.NAdam([t], lr=0.1)
        with torch.enable_grad():
            for _ in range(100):
                (t.grad,) = torch.autograd.grad(F.cross_entropy(z / t.exp(), targets), t)
                descent.step()
        self.log_temperature.data.copy_(t.detach())
        return self
