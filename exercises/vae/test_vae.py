"""Visible examples of vae: run them with `pytest exercises/vae`."""

import math

import torch

from mlkata.compare import assert_close, assert_shape


def test_worked_example(submission):
    """The worked example of README.md: reconstruction 0.980829, KL 1.306853."""
    mu, log_var = torch.tensor([[1.0]]), torch.tensor([[math.log(4.0)]])
    assert_close(submission.kl_to_standard_normal(mu, log_var), [1.306853], what="the KL divergence")
    logits, x = torch.tensor([[math.log(3.0), 0.0]]), torch.tensor([[1.0, 0.0]])
    assert_close(submission.negative_elbo(logits, x, mu, log_var), 2.287682, what="the loss")
    assert_close(submission.negative_elbo(logits, x, mu, log_var, beta=0.5), 1.634256, what="the loss with beta=0.5")


def test_no_variance(submission):
    """Where the variance is next to nothing the sample is the mean."""
    mu = torch.tensor([[0.5, -2.0]])
    assert_close(submission.reparameterize(mu, torch.full((1, 2), -60.0)), mu, what="the sample")


def passed_through(module, x):
    """VAE(6, 5, 2)(x)"""
    return module.VAE(6, 5, 2)(x)


def test_shapes_of_the_model(submission):
    """The model returns logits like x, and two tensors of n_latent columns."""
    logits, mu, log_var = submission.run(passed_through, torch.rand(3, 6))
    assert_shape(logits, (3, 6), what="the tensor of logits")
    assert_shape(mu, (3, 2), what="mu")
    assert_shape(log_var, (3, 2), what="log_var")
