"""As graders/wgan_gp/wrong/calls_backward.py, in another hand."""

import torch


def _mix(real, fake, alpha):
    if alpha is None:
        alpha = torch.rand(real.shape[0], device=real.device, dtype=real.dtype)
    alpha = alpha.view(alpha.shape + (1,) * (real.ndim - 1))
    return fake + alpha * (real - fake)


def gradient_penalty(critic, real, fake, *, alpha=None):
    point = _mix(real.detach(), fake.detach(), alpha).detach().requires_grad_(True)
    score = critic(point)
    score.backward(torch.ones_like(score), create_graph=True)
    length = point.grad.flatten(start_dim=1).norm(p=2, dim=1)
    return torch.mean((length - 1.0) ** 2)


def critic_loss(critic, real, fake, *, weight=10.0, alpha=None):
    distance = torch.mean(critic(real.detach())) - torch.mean(critic(fake.detach()))
    return weight * gradient_penalty(critic, real, fake, alpha=alpha) - distance


def generator_loss(critic, fake):
    return torch.mean(-critic(fake))
