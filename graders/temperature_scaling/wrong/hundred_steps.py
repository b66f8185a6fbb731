"""A hundred steps of gradient descent are enough."""

import torch

CAUGHT_BY = (
    "test_size_of_the_logits",
    "test_confidently_wrong",
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
        log_t = torch.zeros((), requires_grad=True)
        optimizer = torch.optim.Adam([log_t], lr=0.1)
        with torch.enable_grad():
            for _ in range(100):
                optimizer.zero_grad()
                torch.logsumexp(z / log_t.exp(), dim=1).mean().backward()
                optimizer.step()
        self.log_temperature.fill_(log_t.detach())
        return self

    def forward(self, logits):
        return logits / self.log_temperature.exp()
