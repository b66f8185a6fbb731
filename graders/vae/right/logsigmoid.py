"""Takes the two log-sigmoids for the pixels, the textbook order of the KL, and noise filled in place."""

import torch
from torch import nn


def reparameterize(mu, log_var, *, generator=None):
    epsilon = torch.empty_like(mu).detach().normal_(generator=generator)
    return torch.addcmul(mu, log_var.mul(0.5).exp(), epsilon)


def kl_to_standard_normal(mu, log_var):
    return -0.5 * torch.sum(1 + log_var - mu.pow(2) - log_var.exp(), dim=-1)


def negative_elbo(logits, x, mu, log_var, *, beta=1.0, reduction="mean"):
    x = x.type_as(logits)
    log_likelihood = x * nn.functional.logsigmoid(logits) + (1 - x) * nn.functional.logsigmoid(-logits)
    elbo = log_likelihood.reshape(len(x), -1).sum(-1) - beta * kl_to_standard_normal(mu, log_var)
    match reduction:
        case "none":
            return -elbo
        case "sum":
            return -torch.sum(elbo)
        case "mean":
            return -torch.mean(elbo)
    raise ValueError(f"no such reduction: {reduction}")


class VAE(nn.Module):
    def __init__(self, n_features, n_hidden, n_latent):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(n_features, n_hidden), nn.ReLU(), nn.Linear(n_hidden, 2 * n_latent))
        self.expand = nn.Linear(n_latent, n_hidden)
        self.out = nn.Linear(n_hidden, n_features)

    def encode(self, x):
        return self.encoder(x).chunk(2, dim=-1)

    def decode(self, z):
        return self.out(nn.functional.relu(self.expand(z)))

    def forward(self, x, *, generator=None):
        mu, log_var = self.encode(x)
        z = mu
        if self.training:
            z = reparameterize(mu, log_var, generator=generator)
        return self.decode(z), mu, log_var
