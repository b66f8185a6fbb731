"""Differentiates the sum of the scores with torch.func, and expands the square."""

import torch
from torch.func import grad


def gradient_penalty(critic, real, fake, *, alpha=None):
    n = real.size(0)
    if alpha is None:
        alpha = torch.empty(n, dtype=real.dtype, device=real.device).uniform_()
    mixed = torch.einsum("n,n...->n...", alpha, real.detach()) + torch.einsum("n,n...->n...", 1 - alpha, fake.detach())
    slopes = grad(lambda x: critic(x).sum())(mixed)
    squares = slopes.pow(2).flatten(1).sum(1)
    # |g|^2 - 2 |g| + 1; the tiny number keeps the root differentiable at 0.
    return (squares - 2 * (squares + 1e-12).sqrt() + 1).mean()


def critic_loss(critic, real, fake, *, weight=10.0, alpha=None):
    gap = critic(real.detach()).mean() - critic(fake.detach()).mean()
    return weight * gradient_penalty(critic, real, fake, alpha=alpha) - gap


def generator_loss(critic, fake):
    return critic(fake).mul(-1).mean()
