"""A pure function of tensors in double precision, whose results are written back; a state dict of its own tuple."""

import torch

OPTIONS = ("lr", "betas", "eps", "weight_decay")


def advance(p, g, m, v, t, lr, betas, eps, weight_decay):
    p, g, m, v = p.double(), g.double(), m.double(), v.double()
    m = betas[0] * m + (1 - betas[0]) * g
    v = betas[1] * v + (1 - betas[1]) * g**2
    m_hat = m / (1 - betas[0] ** t)
    v_hat = v / (1 - betas[1] ** t)
    return p - lr * (weight_decay * p + m_hat / (v_hat**0.5 + eps)), m, v


class AdamW(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        beta1, beta2 = betas
        if min(lr, eps, weight_decay, beta1, beta2) < 0 or max(beta1, beta2) >= 1:
            raise ValueError("an option is out of range")
        super().__init__(params, dict(zip(OPTIONS, (lr, betas, eps, weight_decay), strict=True)))

    def step(self, closure=None):
        loss = torch.enable_grad()(closure)() if closure else None
        for group in self.param_groups:
            options = {name: group[name] for name in OPTIONS}
            for p in filter(lambda p: p.grad is not None, group["params"]):
                if p.grad.is_sparse:
                    raise RuntimeError("sparse gradient")
                self._advance(p, options)
        return loss

    def _advance(self, p, options):
        old = p.detach()
        zeros = torch.zeros(p.shape, dtype=p.dtype, device=p.device)
        m, v, t = self.state[p].get("moments", (zeros, zeros, 0))
        new, m, v = advance(old, p.grad.detach(), m, v, t + 1, **options)
        old.copy_(new)
        self.state[p]["moments"] = (m.to(p.dtype), v.to(p.dtype), t + 1)
