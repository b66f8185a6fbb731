"""Tries temperatures on finer and finer grids in float32, one after the other."""

import math

import torch


class TemperatureScaler(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.register_parameter("log_temperature", torch.nn.Parameter(torch.tensor(0.0)))

    def fit(self, logits, targets):
        if logits.dim() != 2 or logits.shape[0] == 0 or tuple(targets.shape) != (logits.shape[0],):
            raise ValueError("bad shapes")
        if any(not 0 <= t < logits.shape[1] for t in targets.tolist()):
            raise ValueError("bad target")
        if any(not math.isfinite(v) for row in logits.tolist() for v in row):
            raise ValueError("bad logit")
        with torch.no_grad():
            z = logits.float()
            center, width = 0.5 * math.log(1e2), 0.5 * math.log(1e10)
            rows = torch.arange(len(z))
            for _ in range(6):
                grid = [center + width * step / 15 for step in range(-15, 16)]
                grid = [min(max(g, math.log(1e-4)), math.log(1e6)) for g in grid]
                losses = [-(z / math.exp(g)).log_softmax(dim=1)[rows, targets].double().mean() for g in grid]
                center = grid[int(torch.stack(losses).argmin())]
                width /= 6
            self.log_temperature.copy_(torch.tensor(center))
        return self

    def forward(self, logits):
        temperature = self.log_temperature.exp()
        return (logits / temperature).to(logits.dtype)
