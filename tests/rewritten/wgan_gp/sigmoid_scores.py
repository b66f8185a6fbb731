"""As graders/wgan_gp/wrong/sigmoid_scores.py, in another hand."""

import torch
from torch import autograd


def _share(alpha, real):
    if alpha is None:
        alpha = real.new_empty(len(real)).uniform_()
    while alpha.dim() < real.dim():
        alpha = alpha.unsqueeze(-1)
    return alpha


def _lengths(slopes):
    squares = slopes.pow(2).sum(dim=list(range(1, slopes.dim())))
    flat = squares == 0
    return squares.masked_fill(flat, 1).sqrt().masked_fill(flat, 0)


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
    of_real = torch.sigmoid(critic(real.detach())).sum() / n
    of_fake = torch.sigmoid(critic(fake.detach())).sum() / n
    return of_fake - of_real + weight * gradient_penalty(critic, real, fake, alpha=alpha)


def generator_loss(critic, fake):
    return -torch.sigmoid(critic(fake)).sum() / len(fake)
