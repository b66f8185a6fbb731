"""Computes in float64 inside and rounds at the end; einsum for the KL, softplus for the pixels."""

import torch


def reparameterize(mu, log_var, *, generator=None):
    noise = torch.zeros(mu.numel(), dtype=torch.float64, device=mu.device)
    noise.normal_(0.0, 1.0, generator=generator)
    return (mu.double() + torch.pow(2.718281828459045, log_var.double() / 2) * noise.view(mu.shape)).to(mu.dtype)


def kl_to_standard_normal(mu, log_var):
    return _kl(mu.double(), log_var.double()).to(mu.dtype)


def _kl(mu, log_var):
    return 0.5 * (torch.einsum("nd,nd->n", mu, mu) + (log_var.exp() - log_var - 1).sum(1))


def negative_elbo(logits, x, mu, log_var, *, beta=1.0, reduction="mean"):
    if reduction != "mean" and reduction != "sum" and reduction != "none":
        raise ValueError("reduction")
    a, y = logits.double(), x.double()
    axes = tuple(range(1, logits.ndim))
    losses = (torch.nn.functional.softplus(a) - a * y).sum(axes) + beta * _kl(mu.double(), log_var.double())
    if reduction == "sum":
        losses = losses.sum()
    elif reduction == "mean":
        losses = losses.mean()
    return losses.to(logits.dtype)


class VAE(torch.nn.Module):
    def __init__(self, n_features, n_hidden, n_latent):
        super().__init__()
        self.layers = torch.nn.ModuleDict(
            {
                "in": torch.nn.Linear(n_features, n_hidden),
                "mu": torch.nn.Linear(n_hidden, n_latent),
                "log_var": torch.nn.Linear(n_hidden, n_latent),
                "up": torch.nn.Linear(n_latent, n_hidden),
                "out": torch.nn.Linear(n_hidden, n_features),
            }
        )

    def encode(self, x):
        h = self.layers["in"](x)
        h = torch.where(h > 0, h, torch.zeros_like(h))
        return self.layers["mu"](h), self.layers["log_var"](h)

    def decode(self, z):
        h = self.layers["up"](z)
        return self.layers["out"](torch.maximum(h, torch.zeros_like(h)))

    def forward(self, x, *, generator=None):
        mu, log_var = self.encode(x)
        z = reparameterize(mu, log_var, generator=generator) if self.training else mu.clone()
        return self.decode(z), mu, log_var
