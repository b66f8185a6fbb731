"""AdamW: Adam whose weight decay goes past the gradient's averages."""

import math

import torch


class AdamW(torch.optim.Optimizer):
    """Adam with decoupled weight decay.

    For each parameter ``p`` with gradient ``g``, at its own step ``t = 1, 2, ...``::

        p = p * (1 - lr * weight_decay)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        p = p - lr * m / (1 - beta1 ** t) / (sqrt(v / (1 - beta2 ** t)) + eps)

    Parameters
    ----------
    params : iterable of Parameter, or of dict
        A dict is a group: its parameters under "params", beside options that hold for them alone.
    lr : float, default 1e-3
        Learning rate, at least 0.
    betas : tuple of two floats, default (0.9, 0.999)
        Decay of the two running averages for each step, each in [0, 1).
    eps : float, default 1e-8
        Added to the root, not under it; at least 0.
    weight_decay : float, default 1e-2
        At least 0; one step shrinks a parameter by the factor ``1 - lr * weight_decay``.

    Raises
    ------
    ValueError
        An option is out of its range.

    References
    ----------
    Loshchilov and Hutter, Decoupled Weight Decay Regularization, ICLR 2019, algorithm 2.
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        for name, value in (("lr", lr), ("eps", eps), ("weight_decay", weight_decay)):
            if not value >= 0:
                raise ValueError(f"{name} must be at least 0, found {value}")
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError(f"betas must be at least 0 and below 1, found {betas}")
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    def step(self, closure=None):
        """Update, in place, every parameter that has a gradient.

        Parameters
        ----------
        closure : callable, optional
            Computes the gradients anew and returns the loss; called once, before the update, with gradients enabled.

        Returns
        -------
        object
            What the closure returned; None without one.

        Raises
        ------
        RuntimeError
            A gradient is sparse.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        with torch.no_grad():
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is not None:
                        self._update(p, group)
        return loss

    def _update(self, p, group):
        if p.grad.is_sparse:
            raise RuntimeError("AdamW does not take sparse gradients: make them dense")
        state = self.state[p]
        if not state:
            state.update(t=0, m=torch.zeros_like(p), v=torch.zeros_like(p))
        state["t"] += 1
        t, m, v = state["t"], state["m"], state["v"]
        beta1, beta2 = group["betas"]
        m.mul_(beta1).add_(p.grad, alpha=1 - beta1)
        v.mul_(beta2).addcmul_(p.grad, p.grad, value=1 - beta2)
        root = v.sqrt().div_(math.sqrt(1 - beta2**t)).add_(group["eps"])
        p.mul_(1 - group["lr"] * group["weight_decay"])
        p.addcdiv_(m, root, value=-group["lr"] / (1 - beta1**t))
