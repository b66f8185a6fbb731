"""Scores real, fake and mixed samples in one call, in float32 at least for the norms."""

import torch


def _mix(real, fake, alpha):
    if alpha is None:
        alpha = torch.rand([real.shape[0], *(1 for _ in real.shape[1:])], device=real.device).to(real.dtype)
    return torch.lerp(fake, real, alpha.view(real.shape[0], *(1 for _ in real.shape[1:])))


def _penalty(scores, mixed):
    slopes = torch.autograd.grad(
        outputs=scores, inputs=mixed, grad_outputs=torch.ones_like(scores), create_graph=True, retain_graph=True
    )[0]
    wide = slopes.reshape(len(mixed), -1)
    if wide.dtype == torch.bfloat16:
        wide = wide.float()
    return torch.mean((wide.norm(2, dim=1) - 1.0) ** 2).to(mixed.dtype)


def gradient_penalty(critic, real, fake, *, alpha=None):
    mixed = _mix(real.detach(), fake.detach(), alpha).requires_grad_(True)
    return _penalty(critic(mixed), mixed)


def critic_loss(critic, real, fake, *, weight=10.0, alpha=None):
    real, fake = real.detach(), fake.detach()
    mixed = _mix(real, fake, alpha).requires_grad_(True)
    n = len(real)
    scores = critic(torch.cat([real, fake, mixed])).reshape(3 * n)
    of_real, of_fake, of_mixed = scores.split(n)
    return of_fake.mean() - of_real.mean() + weight * _penalty(of_mixed, mixed)


def generator_loss(critic, fake):
    return -torch.mean(critic(fake))
