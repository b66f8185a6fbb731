"""Goes through the elements one by one in Python, with a fused head and parameters of its own."""

import math

import torch


def reparameterize(mu, log_var, *, generator=None):
    parts = []
    for mean, spread in zip(mu.reshape(-1).unbind(), log_var.reshape(-1).unbind(), strict=True):
        noise = torch.randn((), generator=generator, device=mu.device).to(mu.dtype)
        parts.append(mean + (spread / 2).exp() * noise)
    return torch.stack(parts).reshape(mu.shape)


def kl_to_standard_normal(mu, log_var):
    rows = []
    for means, spreads in zip(mu, log_var, strict=True):
        total = 0
        for m, v in zip(means, spreads, strict=True):
            total = total + (m**2 + math.e**v - 1 - v) / 2
        rows.append(total)
    return torch.stack(rows)


def negative_elbo(logits, x, mu, log_var, *, beta=1.0, reduction="mean"):
    if reduction not in ["none", "mean", "sum"]:
        raise ValueError(reduction)
    losses = []
    for one, pixels, kl in zip(logits, x, kl_to_standard_normal(mu, log_var), strict=True):
        total = beta * kl
        for logit, pixel in zip(one.reshape(-1), pixels.reshape(-1), strict=True):
            # log(1 + exp(logit)) - logit * pixel, with the larger exponent taken out
            total = total + logit.clamp(min=0) + torch.log1p(torch.exp(-logit.abs())) - logit * float(pixel)
        losses.append(total)
    losses = torch.stack(losses)
    return {"none": losses, "mean": losses.mean(), "sum": losses.sum()}[reduction]


class VAE(torch.nn.Module):
    def __init__(self, n_features, n_hidden, n_latent):
        super().__init__()
        sizes = [(n_features, n_hidden), (n_hidden, 2 * n_latent), (n_latent, n_hidden), (n_hidden, n_features)]
        self.weights = torch.nn.ParameterList([torch.randn(a, b) / math.sqrt(a) for a, b in sizes])
        self.biases = torch.nn.ParameterList([torch.zeros(b) for _, b in sizes])

    def layer(self, number, x):
        return x @ self.weights[number] + self.biases[number]

    def encode(self, x):
        h = self.layer(1, self.layer(0, x).clamp(min=0))
        half = h.shape[1] // 2
        return h[:, :half], h[:, half:]

    def decode(self, z):
        return self.layer(3, self.layer(2, z).clamp(min=0))

    def forward(self, x, *, generator=None):
        mu, log_var = self.encode(x)
        if not self.training:
            return self.decode(mu), mu, log_var
        return self.decode(reparameterize(mu, log_var, generator=generator)), mu, log_var
