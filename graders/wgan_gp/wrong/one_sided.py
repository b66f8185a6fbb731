"""Only slopes above 1 break the Lipschitz condition, so only these are penalised."""

import torch

CAUGHT_BY = ("test_linear_critic", "test_flat_critic")


def gradient_penalty(critic, real, fake, *, alpha=None):
    real, fake = real.detach(), fake.detach()
    if alpha is None:
        alpha = torch.rand(len(real), dtype=real.dtype, device=real.device)
    alpha = alpha.reshape(-1, *[1] * (real.dim() - 1))
    between = (alpha * real + (1 - alpha) * fake).requires_grad_()
    # Scores of a sample depend on that sample alone: the gradient of their sum holds every sample's own gradient.
    (slopes,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    norms = torch.linalg.vector_norm(slopes.flatten(1), dim=1)
    return (norms - 1).clamp(min=0).square().mean()


def critic_loss(critic, real, fake, *, weight=10.0, alpha=None):
    penalty = gradient_penalty(critic, real, fake, alpha=alpha)
    return critic(fake.detach()).mean() - critic(real.detach()).mean() + weight * penalty


def generator_loss(critic, fake):
    return -critic(fake).mean()
