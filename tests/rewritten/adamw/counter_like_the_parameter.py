"""As graders/adamw/wrong/counter_like_the_parameter.py, in another hand."""

import torch


class AdamW(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        if lr < 0 or eps < 0 or weight_decay < 0:
            raise ValueError("lr, eps and weight_decay cannot be negative")
        if min(betas) < 0 or max(betas) >= 1:
            raise ValueError("betas lie in [0, 1)")
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            lr, eps, wd = group["lr"], group["eps"], group["weight_decay"]
            b1, b2 = group["betas"]
            for w in group["params"]:
                if w.grad is None:
                    continue
                g = w.grad
                if g.is_sparse:
                    raise RuntimeError("no sparse gradients")
                memory = self.state[w]
                if len(memory) == 0:
                    memory["age"] = torch.zeros(1, dtype=w.dtype)
                    memory["mean"] = torch.zeros_like(w)
                    memory["square"] = torch.zeros_like(w)
                memory["age"] += 1
                age = float(memory["age"])
                mean, square = memory["mean"], memory["square"]
                mean.mul_(b1).add_((1 - b1) * g)
                square.mul_(b2).add_((1 - b2) * g * g)
                size = (square / (1 - b2**age)).sqrt() + eps
                w.mul_(1 - lr * wd)
                w.sub_(lr * (mean / (1 - b1**age)) / size)
        return loss
