"""As graders/focal_loss/wrong/falls_back_to_the_mean.py, in another hand."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy, logsigmoid


def modulate(q, gamma):
    if gamma == 0:
        return torch.ones_like(q)
    certain = q <= 0
    return q.masked_fill(certain, 1.0).pow(gamma).masked_fill(certain, 0.0)


def collect(values, count, reduction):
    if reduction == "none":
        return values
    total = values.sum()
    if reduction == "sum":
        return total
    return total / count


def focal_loss(logits, targets, *, gamma=2.0, alpha=None, reduction="mean", ignore_index=-100):
    counted = targets.ne(ignore_index)
    nll = cross_entropy(logits, targets, reduction="none", ignore_index=ignore_index)
    values = modulate(-torch.expm1(-nll), gamma) * nll
    if alpha is not None:
        weights = torch.as_tensor(alpha).to(logits)
        values = values * weights[targets.masked_fill(~counted, 0)]
    return collect(values, counted.sum().clamp(min=1), reduction)


def sigmoid_focal_loss(logits, targets, *, gamma=2.0, alpha=0.25, reduction="mean"):
    y = targets.to(logits)
    nll = -(y * logsigmoid(logits) + (1 - y) * logsigmoid(-logits))
    off = y * torch.sigmoid(-logits) + (1 - y) * torch.sigmoid(logits)
    values = nll * modulate(off, gamma)
    if alpha is not None:
        values = values * (alpha * y + (1 - alpha) * (1 - y))
    return collect(values, max(1, values.numel()), reduction)


class FocalLoss(nn.Module):
    def __init__(self, gamma=2.0, alpha=None, reduction="mean", ignore_index=-100):
        super().__init__()
        self.options = {"gamma": gamma, "reduction": reduction, "ignore_index": ignore_index}
        self.register_buffer("class_weights", None if alpha is None else torch.as_tensor(alpha))

    def forward(self, logits, targets):
        return focal_loss(logits, targets, alpha=self.class_weights, **self.options)
