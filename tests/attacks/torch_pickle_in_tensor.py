"""Returns tensors and modules that carry code: hooks, deferred values, parametrizations."""

import torch


class Bomb(torch.nn.Module):
    def __reduce__(self):
        return exec, ("raise SystemExit",)


def scale(x, factor):
    value = x + factor if not isinstance(factor, str) else x
    value.requires_grad_().register_hook(lambda gradient: Bomb())
    value.bomb = Bomb()
    return value if x.numel() % 2 else Bomb()
