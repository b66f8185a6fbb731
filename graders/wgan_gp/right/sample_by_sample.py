"""Goes through the samples one at a time, and takes the root only where there is something to take it of."""

import torch


def gradient_penalty(critic, real, fake, *, alpha=None):
    penalties = []
    for i in range(real.shape[0]):
        share = alpha[i] if alpha is not None else torch.rand((), device=real.device).to(real.dtype)
        with torch.no_grad():
            point = fake[i : i + 1] + share * (real[i : i + 1] - fake[i : i + 1])
        point.requires_grad = True
        slope = torch.autograd.grad(critic(point).squeeze(), point, create_graph=True)[0]
        squared = (slope * slope).sum()
        flat = squared == 0
        norm = torch.where(flat, torch.zeros_like(squared), torch.where(flat, torch.ones_like(squared), squared).sqrt())
        penalties.append((norm - 1) ** 2)
    return sum(penalties) / len(penalties)


def critic_loss(critic, real, fake, *, weight=10.0, alpha=None):
    total = 0
    for x, y in zip(real.detach(), fake.detach(), strict=True):
        total = total + critic(y[None]).sum() - critic(x[None]).sum()
    return total / real.shape[0] + gradient_penalty(critic, real, fake, alpha=alpha) * weight


def generator_loss(critic, fake):
    return sum(-critic(sample[None]).sum() for sample in fake) / fake.shape[0]
