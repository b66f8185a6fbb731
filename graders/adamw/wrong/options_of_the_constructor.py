"""The options are those that the constructor was given, kept as attributes."""

import math

import torch

CAUGHT_BY = ("test_groups_have_their_own_options", "test_options_changed_between_steps")


class AdamW(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        for name, value in (("lr", lr), ("eps", eps), ("weight_decay", weight_decay)):
            if not value >= 0:
                raise ValueError(f"{name} must be at least 0, found {value}")
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError(f"betas must be at least 0 and below 1, found {betas}")
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        with torch.no_grad():
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is not None:
                        self._update(p)
        return loss

    def _update(self, p):
        if p.grad.is_sparse:
            raise RuntimeError("AdamW does not take sparse gradients: make them dense")
        state = self.state[p]
        if not state:
            state.update(t=0, m=torch.zeros_like(p), v=torch.zeros_like(p))
        state["t"] += 1
        t, m, v = state["t"], state["m"], state["v"]
        beta1, beta2 = self.betas
        m.mul_(beta1).add_(p.grad, alpha=1 - beta1)
        v.mul_(beta2).addcmul_(p.grad, p.grad, value=1 - beta2)
        root = v.sqrt().div_(math.sqrt(1 - beta2**t)).add_(self.eps)
        p.mul_(1 - self.lr * self.weight_decay)
        p.addcdiv_(m, root, value=-self.lr / (1 - beta1**t))
