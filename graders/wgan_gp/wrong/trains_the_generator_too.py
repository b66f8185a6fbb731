"""Whether real and fake samples carry a graph does not matter to the critic's loss."""

import torch

CAUGHT_BY = ("test_no_gradient_reaches_the_samples",)


def gradient_penalty(critic, real, fake, *, alpha=None):
    if alpha is None:
        alpha = torch.rand(len(real), dtype=real.dtype, device=real.device)
    alpha = alpha.reshape(-1, *[1] * (real.dim() - 1))
    between = alpha * real + (1 - alpha) * fake
    # Scores of a sample depend on that sample alone: the gradient of their sum holds every sample's own gradient.
    if not between.requires_grad:
        between.requires_grad_()
    (slopes,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    norms = torch.linalg.vector_norm(slopes.flatten(1), dim=1)
    return (norms - 1).square().mean()


def critic_loss(critic, real, fake, *, weight=10.0, alpha=None):
    penalty = gradient_penalty(critic, real, fake, alpha=alpha)
    return critic(fake).mean() - critic(real).mean() + weight * penalty


def generator_loss(critic, fake):
    return -critic(fake).mean()
