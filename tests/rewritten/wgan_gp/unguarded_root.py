"""As graders/wgan_gp/wrong/unguarded_root.py, in another hand."""

import torch
from torch import autograd


def _share(alpha, real):
    if alpha is None:
        alpha = real.new_empty(len(real)).uniform_()
    while alpha.dim() < real.dim():
        alpha = alpha.unsqueeze(-1)
    return alpha


def _lengths(slopes):
    return torch.sqrt(torch.einsum("n...,n...->n", slopes, slopes))


def gradient_penalty(critic, real, fake, *, alpha=None):
    x, x_fake = real.detach(), fake.detach()
    share = _share(alpha, x).detach()
    between = share * x + x_fake - share * x_fake
    between.requires_grad = True
    total = torch.sum(critic(between))
    (slopes,) = autograd.grad(total, [between], create_graph=True)
    excess = _lengths(slopes) - 1
    return (excess * excess).mean()


def critic_loss(critic, real, fake, *, weight=10.0, alpha=None):
    n = len(real)
    of_real = critic(real.detach()).sum() / n
    of_fake = critic(fake.detach()).sum() / n
    return of_fake - of_real + weight * gradient_penalty(critic, real, fake, alpha=alpha)


def generator_loss(critic, fake):
    return -critic(fake).sum() / len(fake)
