"""Ignored targets can be set to class 0 where they stand, since they do not count."""

import torch
import torch.nn.functional as F

CAUGHT_BY = ("test_arguments_stay_as_they_were",)


def focal_loss(logits, targets, *, gamma=2.0, alpha=None, reduction="mean", ignore_index=-100):
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"reduction must be mean, sum or none, found {reduction!r}")
    kept = targets != ignore_index
    index = targets.masked_fill_(~kept, 0)
    log_p = F.log_softmax(logits, dim=1).gather(1, index.unsqueeze(1)).squeeze(1)
    loss = -_focus(-torch.expm1(log_p), gamma) * log_p
    if alpha is not None:
        loss = loss * torch.as_tensor(alpha, dtype=logits.dtype, device=logits.device)[index]
    loss = torch.where(kept, loss, 0)
    if reduction == "none":
        return loss
    return loss.sum() if reduction == "sum" else loss.sum() / kept.sum().clamp(min=1)


def sigmoid_focal_loss(logits, targets, *, gamma=2.0, alpha=0.25, reduction="mean"):
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"reduction must be mean, sum or none, found {reduction!r}")
    y = targets.to(logits.dtype)
    # 1 - p_t is a mean of two sigmoids: no cancellation where p_t is near 1.
    miss = y * torch.sigmoid(-logits) + (1 - y) * torch.sigmoid(logits)
    loss = _focus(miss, gamma) * F.binary_cross_entropy_with_logits(logits, y, reduction="none")
    if alpha is not None:
        loss = loss * (alpha * y + (1 - alpha) * (1 - y))
    if reduction == "none":
        return loss
    return loss.sum() if reduction == "sum" else loss.sum() / max(loss.numel(), 1)


class FocalLoss(torch.nn.Module):
    def __init__(self, gamma=2.0, alpha=None, reduction="mean", ignore_index=-100):
        super().__init__()
        self.gamma = gamma
        self.reduction = reduction
        self.ignore_index = ignore_index
        self.register_buffer("alpha", None if alpha is None else torch.as_tensor(alpha, dtype=torch.float32))

    def forward(self, logits, targets):
        return focal_loss(
            logits,
            targets,
            gamma=self.gamma,
            alpha=self.alpha,
            reduction=self.reduction,
            ignore_index=self.ignore_index,
        )


def _focus(miss, gamma):
    # The slope of x ** gamma at 0 is infinite below gamma = 1: keep the power away from 0, and out of the graph.
    positive = miss > 0
    power = torch.where(positive, miss, 1) ** gamma
    return power if gamma == 0 else torch.where(positive, power, 0)
