"""Variational autoencoder: sampling with gradients, the KL term, the loss, and a small model."""

import torch
import torch.nn.functional as F


def reparameterize(mu, log_var, *, generator=None):
    """A sample of the normal distribution N(mu, exp(log_var)), through which gradients flow.

    Parameters
    ----------
    mu : Tensor of any shape
        Means.
    log_var : Tensor of the same shape
        Natural logarithms of the variances.
    generator : torch.Generator, optional
        Where the noise comes from; None for torch's global one.

    Returns
    -------
    Tensor
        Shape, dtype and device of `mu`; each element has noise of its own.

    References
    ----------
    Kingma and Welling, Auto-Encoding Variational Bayes, ICLR 2014, section 2.4.
    """
    raise NotImplementedError("implement reparameterize")


def kl_to_standard_normal(mu, log_var):
    """KL divergence of N(mu, exp(log_var)) from N(0, 1), summed over the latent axis.

    Parameters
    ----------
    mu, log_var : Tensor of shape (n, n_latent)
        Means, and natural logarithms of the variances.

    Returns
    -------
    Tensor of shape (n,)
        One divergence a sample, in nats.

    References
    ----------
    Kingma and Welling, Auto-Encoding Variational Bayes, ICLR 2014, appendix B.

    Examples
    --------
    >>> kl_to_standard_normal(torch.tensor([[1.0, 2.0]]), torch.zeros(1, 2))
    tensor([2.5000])
    """
    raise NotImplementedError("implement kl_to_standard_normal")


def negative_elbo(logits, x, mu, log_var, *, beta=1.0, reduction="mean"):
    """Negative evidence lower bound of Bernoulli pixels: reconstruction plus `beta` times KL divergence.

    Parameters
    ----------
    logits : Tensor of shape (n, *shape)
        The decoder's output before the sigmoid.
    x : Tensor of the same shape
        What the encoder saw: numbers from 0 to 1, of any float or integer dtype.
    mu, log_var : Tensor of shape (n, n_latent)
        The encoder's output.
    beta : float, default 1.0
        Weight of the KL divergence.
    reduction : {"mean", "sum", "none"}
        The mean is over the samples; within a sample everything is summed.

    Returns
    -------
    Tensor
        In nats, dtype of the logits: 0-d, or of shape (n,) for "none".

    Raises
    ------
    ValueError
        Unknown reduction.

    References
    ----------
    Kingma and Welling, Auto-Encoding Variational Bayes, ICLR 2014, equations 3 and 10.
    """
    raise NotImplementedError("implement negative_elbo")


class VAE(torch.nn.Module):
    """A variational autoencoder with one hidden layer (ReLU) on each side.

    Parameters
    ----------
    n_features, n_hidden, n_latent : int
        Widths of the data, of both hidden layers, and of the latent space.
    """

    def __init__(self, n_features, n_hidden, n_latent):
        raise NotImplementedError("implement VAE")

    def encode(self, x):
        """The pair ``(mu, log_var)``, both of shape (n, n_latent), for `x` of shape (n, n_features)."""
        raise NotImplementedError("implement VAE")

    def decode(self, z):
        """Logits of shape (n, n_features) for `z` of shape (n, n_latent)."""
        raise NotImplementedError("implement VAE")

    def forward(self, x, *, generator=None):
        """``(logits, mu, log_var)``: decoded from a sample in training mode, from `mu` in evaluation mode."""
        raise NotImplementedError("implement VAE")
