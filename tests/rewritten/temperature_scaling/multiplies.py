"""As graders/temperature_scaling/wrong/multiplies.py, in another hand."""

import math

import torch


class TemperatureScaler(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.log_temperature = torch.nn.Parameter(torch.zeros([]))

    def fit(self, logits, targets):
        if logits.dim() != 2 or targets.dim() != 1 or len(logits) == 0 or len(logits) != len(targets):
            raise ValueError("a row of logits is needed for each target")
        if not torch.isfinite(logits).all():
            raise ValueError("logits have to be finite")
        if bool((targets < 0).any()) or bool((targets >= logits.size(1)).any()):
            raise ValueError("a target is no class")
        z = logits.detach().double()
        low, high = math.log(1e-6), math.log(1e4)
        for _ in range(9):
            grid = torch.linspace(low, high, 21, dtype=torch.float64)
            losses = [nll(z * math.exp(t), targets) for t in grid.tolist()]
            best = losses.index(min(losses))
            low, high = grid[max(best - 1, 0)].item(), grid[min(best + 1, 20)].item()
        self.log_temperature.data.fill_((low + high) / 2)
        return self

    def forward(self, logits):
        return torch.exp(self.log_temperature) * logits


def nll(z, targets):
    chosen = z[torch.arange(len(z)), targets].unsqueeze(1)
    return (z - chosen).logsumexp(dim=1).mean().item()
