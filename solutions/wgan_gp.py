"""Wasserstein GAN with gradient penalty: the losses of critic and generator."""

import torch


def gradient_penalty(critic, real, fake, *, alpha=None):
    """How far the critic's slopes between real and fake samples are from 1, ``mean((norm - 1) ** 2)``.

    Parameters
    ----------
    critic : callable
        Maps a tensor of shape (m, *shape) to one score a sample, of shape (m,), (m, 1), (m, 1, 1), ...
    real, fake : Tensor of shape (n, *shape)
        Samples; treated as constants.
    alpha : Tensor of shape (n,), optional
        Share of the real sample in each interpolate; None to draw it uniformly from [0, 1) for each sample.

    Returns
    -------
    Tensor
        0-d, dtype of `real`, differentiable by the critic's parameters.

    References
    ----------
    Gulrajani et al., Improved Training of Wasserstein GANs, NeurIPS 2017, equation 3 and algorithm 1.
    """
    real, fake = real.detach(), fake.detach()
    if alpha is None:
        alpha = torch.rand(len(real), dtype=real.dtype, device=real.device)
    alpha = alpha.reshape(-1, *[1] * (real.dim() - 1))
    between = (alpha * real + (1 - alpha) * fake).requires_grad_()
    # Scores of a sample depend on that sample alone: the gradient of their sum holds every sample's own gradient.
    (slopes,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    norms = torch.linalg.vector_norm(slopes.flatten(1), dim=1)
    return (norms - 1).square().mean()


def critic_loss(critic, real, fake, *, weight=10.0, alpha=None):
    """Loss of the critic, ``mean(critic(fake)) - mean(critic(real)) + weight * gradient_penalty``.

    Parameters
    ----------
    critic, real, fake, alpha
        As for `gradient_penalty`.
    weight : float, default 10.0
        Of the penalty.

    Returns
    -------
    Tensor
        0-d, dtype of `real`.

    References
    ----------
    Gulrajani et al., Improved Training of Wasserstein GANs, NeurIPS 2017, equation 3.
    """
    penalty = gradient_penalty(critic, real, fake, alpha=alpha)
    return critic(fake.detach()).mean() - critic(real.detach()).mean() + weight * penalty


def generator_loss(critic, fake):
    """Loss of the generator, ``-mean(critic(fake))``.

    Parameters
    ----------
    critic : callable
        As for `gradient_penalty`.
    fake : Tensor of shape (n, *shape)
        Samples of the generator, through which the gradient flows to it.

    Returns
    -------
    Tensor
        0-d, dtype of `fake`.

    Examples
    --------
    >>> generator_loss(lambda x: x.sum(dim=1), torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    tensor(-5.)
    """
    return -critic(fake).mean()
