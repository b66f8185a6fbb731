"""One noise vector serves the whole batch, since mu and log_var differ anyway."""

import torch
import torch.nn.functional as F

CAUGHT_BY = ("test_distribution_of_the_sample",)


def reparameterize(mu, log_var, *, generator=None):
    noise = torch.randn(mu.shape[-1:], generator=generator, dtype=mu.dtype, device=mu.device)
    return mu + torch.exp(0.5 * log_var) * noise


def kl_to_standard_normal(mu, log_var):
    return 0.5 * (mu.square() + torch.expm1(log_var) - log_var).sum(dim=1)


def negative_elbo(logits, x, mu, log_var, *, beta=1.0, reduction="mean"):
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"reduction must be mean, sum or none, found {reduction!r}")
    entropy = F.binary_cross_entropy_with_logits(logits, x.to(logits.dtype), reduction="none")
    loss = entropy.flatten(1).sum(dim=1) + beta * kl_to_standard_normal(mu, log_var)
    if reduction == "none":
        return loss
    return loss.sum() if reduction == "sum" else loss.mean()


class VAE(torch.nn.Module):
    def __init__(self, n_features, n_hidden, n_latent):
        super().__init__()
        self.hidden = torch.nn.Linear(n_features, n_hidden)
        self.mu = torch.nn.Linear(n_hidden, n_latent)
        self.log_var = torch.nn.Linear(n_hidden, n_latent)
        self.decoder = torch.nn.Sequential(
            torch.nn.Linear(n_latent, n_hidden), torch.nn.ReLU(), torch.nn.Linear(n_hidden, n_features)
        )

    def encode(self, x):
        hidden = torch.relu(self.hidden(x))
        return self.mu(hidden), self.log_var(hidden)

    def decode(self, z):
        return self.decoder(z)

    def forward(self, x, *, generator=None):
        mu, log_var = self.encode(x)
        z = reparameterize(mu, log_var, generator=generator) if self.training else mu
        return self.decode(z), mu, log_var
