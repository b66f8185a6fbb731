"""backward with a graph puts the gradient by the input into its .grad."""

import torch

CAUGHT_BY = ("test_nothing_is_left_behind",)


def gradient_penalty(critic, real, fake, *, alpha=None):
    real, fake = real.detach(), fake.detach()
    if alpha is None:
        alpha = torch.rand(len(real), dtype=real.dtype, device=real.device)
    alpha = alpha.reshape(-1, *[1] * (real.dim() - 1))
    between = (alpha * real + (1 - alpha) * fake).requires_grad_()
    # Scores of a sample depend on that sample alone: the gradient of their sum holds every sample's own gradient.
    critic(between).sum().backward(create_graph=True)
    slopes = between.grad
    norms = torch.linalg.vector_norm(slopes.flatten(1), dim=1)
    return (norms - 1).square().mean()


def critic_loss(critic, real, fake, *, weight=10.0, alpha=None):
    penalty = gradient_penalty(critic, real, fake, alpha=alpha)
    return critic(fake.detach()).mean() - critic(real.detach()).mean() + weight * penalty


def generator_loss(critic, fake):
    return -critic(fake).mean()
