"""As graders/adamw/wrong/trusts_the_caller.py, in another hand."""

import torch
from torch.optim import Optimizer


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        options = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        super().__init__(params, options)

    def step(self, closure=None):
        result = None
        if closure is not None:
            with torch.enable_grad():
                result = closure()
        with torch.no_grad():
            todo = [(p, group) for group in self.param_groups for p in group["params"]]
            for p, group in todo:
                if p.grad is not None:
                    self._one(p, p.grad.detach(), group)
        return result

    def _one(self, p, grad, group):
        if grad.is_sparse:
            grad = grad.to_dense()
        slot = self.state[p]
        slot.setdefault("n", 0)
        slot.setdefault("mu", torch.zeros_like(p))
        slot.setdefault("nu", torch.zeros_like(p))
        slot["n"] = slot["n"] + 1
        beta_mu, beta_nu = group["betas"]
        slot["mu"].add_(grad - slot["mu"], alpha=1 - beta_mu)
        slot["nu"].add_(grad.square() - slot["nu"], alpha=1 - beta_nu)
        mu_hat = slot["mu"] / (1 - beta_mu ** slot["n"])
        nu_hat = slot["nu"] / (1 - beta_nu ** slot["n"])
        shrunk = p * (1 - group["lr"] * group["weight_decay"])
        p.copy_(shrunk - group["lr"] * mu_hat / (nu_hat.sqrt() + group["eps"]))
