"""The efficient order of the Adam paper: both corrections go into the learning rate and into eps; writes p.data."""

import math

import torch


class AdamW(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        assert_range("lr", lr)
        assert_range("eps", eps)
        assert_range("weight_decay", weight_decay)
        for beta in betas:
            assert_range("beta", beta, below=1)
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure=None):
        if closure is None:
            loss = None
        else:
            with torch.set_grad_enabled(True):
                loss = closure()
        for group in self.param_groups:
            b1, b2 = group["betas"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                if p.grad.is_sparse:
                    raise RuntimeError("use dense gradients")
                moments = self.state[p]
                count = moments["count"] = moments.get("count", 0) + 1
                if count == 1:
                    moments["first"], moments["second"] = p.data.new_zeros(p.shape), p.data.new_zeros(p.shape)
                first, second, grad = moments["first"], moments["second"], p.grad
                p.data.sub_(p.data, alpha=group["lr"] * group["weight_decay"])
                first += (grad - first) * (1 - b1)
                second += (grad * grad - second) * (1 - b2)
                rescale = math.sqrt(1 - b2**count)
                rate = group["lr"] * rescale / (1 - b1**count)
                p.data -= rate * first / (second.sqrt() + group["eps"] * rescale)
        return loss


def assert_range(name, value, below=math.inf):
    if not 0 <= value < below:
        raise ValueError(f"{name}={value} must lie in [0, {below})")
