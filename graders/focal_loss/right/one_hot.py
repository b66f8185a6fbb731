"""Sums over one-hot targets, and takes p as exp of minus the cross-entropy."""

import torch
from torch import nn


def focal_loss(logits, targets, *, gamma=2.0, alpha=None, reduction="mean", ignore_index=-100):
    n_classes = logits.size(1)
    mask = (targets != ignore_index).to(logits.dtype)
    one_hot = nn.functional.one_hot(targets.where(mask.bool(), torch.zeros_like(targets)), n_classes)
    one_hot = one_hot.movedim(-1, 1).to(logits.dtype)
    cross_entropy = -(torch.log_softmax(logits, 1) * one_hot).sum(1)
    modulation = (1 - torch.exp(-cross_entropy)).clamp(min=torch.finfo(logits.dtype).tiny).pow(gamma)
    loss = modulation * cross_entropy * mask
    if alpha is not None:
        weights = torch.as_tensor(alpha).to(logits).reshape(1, -1, *[1] * (logits.ndim - 2))
        loss = loss * (weights * one_hot).sum(1)
    return _reduce(loss, reduction, mask.sum())


def sigmoid_focal_loss(logits, targets, *, gamma=2.0, alpha=0.25, reduction="mean"):
    targets = targets.type_as(logits)
    log_p, log_q = nn.functional.logsigmoid(logits), nn.functional.logsigmoid(-logits)
    p_t = targets * log_p.exp() + (1 - targets) * log_q.exp()
    modulation = (1 - p_t).clamp(min=torch.finfo(logits.dtype).tiny).pow(gamma)
    loss = -modulation * (targets * log_p + (1 - targets) * log_q)
    if alpha is not None:
        loss = (
            torch.where(
                targets == 1, alpha, torch.where(targets == 0, 1 - alpha, alpha * targets + (1 - alpha) * (1 - targets))
            )
            * loss
        )
    return _reduce(loss, reduction, torch.tensor(float(loss.numel())))


class FocalLoss(nn.Module):
    def __init__(self, gamma=2.0, alpha=None, reduction="mean", ignore_index=-100):
        super().__init__()
        if alpha is not None and not torch.is_tensor(alpha):
            alpha = torch.tensor(alpha, dtype=torch.get_default_dtype())
        self.register_buffer("alpha", alpha, persistent=False)
        self.options = {"gamma": gamma, "reduction": reduction, "ignore_index": ignore_index}

    def forward(self, logits, targets):
        return focal_loss(logits, targets, alpha=self.alpha, **self.options)


def _reduce(loss, reduction, count):
    if reduction == "none":
        return loss
    if reduction == "sum":
        return loss.sum()
    if reduction == "mean":
        return (loss.sum() / count.clamp(min=1)).to(loss.dtype)
    raise ValueError(f"no reduction {reduction}")
