"""As graders/vae/wrong/root_of_the_variance.py, in another hand."""

import torch
from torch import nn
from torch.nn.functional import softplus


def reparameterize(mu, log_var, *, generator=None):
    noise = torch.empty_like(mu, requires_grad=False).normal_(generator=generator)
    return torch.addcmul(mu, noise, log_var.exp().sqrt())


def kl_to_standard_normal(mu, log_var):
    sigma = log_var.exp().sqrt()
    terms = (mu * mu + sigma * sigma - 1) / 2 - sigma.log()
    return terms.sum(-1)


def negative_elbo(logits, x, mu, log_var, *, beta=1.0, reduction="mean"):
    if reduction not in {"none", "sum", "mean"}:
        raise ValueError("reduction is none, sum or mean")
    pixels = x.to(logits)
    cost = pixels * softplus(-logits) + (1 - pixels) * softplus(logits)
    loss = cost.reshape(len(cost), -1).sum(1)
    loss = loss + beta * kl_to_standard_normal(mu, log_var)
    if reduction == "sum":
        return loss.sum()
    if reduction == "none":
        return loss
    return loss.mean()


class VAE(nn.Module):
    def __init__(self, n_features, n_hidden, n_latent):
        super().__init__()
        self.hidden = nn.Linear(n_features, n_hidden)
        self.to_mu = nn.Linear(n_hidden, n_latent)
        self.to_log_var = nn.Linear(n_hidden, n_latent)
        self.back = nn.Linear(n_latent, n_hidden)
        self.out = nn.Linear(n_hidden, n_features)

    def encode(self, x):
        h = self.hidden(x).clamp(min=0)
        return self.to_mu(h), self.to_log_var(h)

    def decode(self, z):
        return self.out(self.back(z).clamp(min=0))

    def forward(self, x, *, generator=None):
        mu, log_var = self.encode(x)
        z = mu
        if self.training:
            z = reparameterize(mu, log_var, generator=generator)
        return self.decode(z), mu, log_var
