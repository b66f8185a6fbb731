"""All parameters of a group at once with the foreach functions; counters are tensors on the host, as in torch."""

import torch
from torch.optim import Optimizer


class AdamW(Optimizer):
    def __init__(self, params, lr=0.001, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        if lr < 0.0:
            raise ValueError(f"Invalid learning rate: {lr}")
        if eps < 0.0:
            raise ValueError(f"Invalid epsilon value: {eps}")
        if weight_decay < 0.0:
            raise ValueError(f"Invalid weight_decay value: {weight_decay}")
        for index, beta in enumerate(betas):
            if beta < 0.0 or beta >= 1.0:
                raise ValueError(f"Invalid beta parameter at index {index}: {beta}")
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            params = [p for p in group["params"] if p.grad is not None]
            if not params:
                continue
            grads = [p.grad.detach() for p in params]
            if any(grad.layout != torch.strided for grad in grads):
                raise RuntimeError("AdamW does not support sparse gradients")
            for p in params:
                if len(self.state[p]) == 0:
                    self.state[p]["step"] = torch.tensor(0.0)
                    self.state[p]["exp_avg"] = torch.zeros_like(p, memory_format=torch.preserve_format)
                    self.state[p]["exp_avg_sq"] = torch.zeros_like(p, memory_format=torch.preserve_format)
            states = [self.state[p] for p in params]
            averages = [state["exp_avg"] for state in states]
            squares = [state["exp_avg_sq"] for state in states]
            for state in states:
                state["step"] += 1
            counts = [state["step"].item() for state in states]
            beta1, beta2 = group["betas"]
            torch._foreach_lerp_(averages, grads, 1 - beta1)
            torch._foreach_mul_(squares, beta2)
            torch._foreach_addcmul_(squares, grads, grads, 1 - beta2)
            denominators = torch._foreach_sqrt(squares)
            torch._foreach_div_(denominators, [(1 - beta2**count) ** 0.5 for count in counts])
            torch._foreach_add_(denominators, group["eps"])
            torch._foreach_mul_(params, 1 - group["lr"] * group["weight_decay"])
            torch._foreach_addcdiv_(
                params, averages, denominators, [-group["lr"] / (1 - beta1**count) for count in counts]
            )
        return loss
