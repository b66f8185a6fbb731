"""As graders/focal_loss/wrong/clears_targets_in_place.py, in another hand."""

import torch
import torch.nn.functional as fn


def _finish(per_item, how_many, reduction):
    match reduction:
        case "none":
            return per_item
        case "sum":
            return per_item.sum()
        case "mean":
            return per_item.sum() / how_many
    raise ValueError(f"no such reduction: {reduction}")


def _power(base, exponent):
    if exponent == 0:
        return torch.ones_like(base)
    safe = torch.where(base > 0, base, torch.ones_like(base))
    return torch.where(base > 0, torch.pow(safe, exponent), torch.zeros_like(base))


def focal_loss(logits, targets, *, gamma=2.0, alpha=None, reduction="mean", ignore_index=-100):
    ignored = targets == ignore_index
    targets[ignored] = 0
    scores = torch.log_softmax(logits.movedim(1, -1), dim=-1)
    log_pt = torch.take_along_dim(scores, targets[..., None], dim=-1)[..., 0]
    one_minus_pt = -log_pt.expm1()
    per_item = -_power(one_minus_pt, gamma) * log_pt
    if alpha is not None:
        alpha = torch.as_tensor(alpha, device=logits.device, dtype=logits.dtype)
        per_item = alpha[targets] * per_item
    per_item = per_item.masked_fill(ignored, 0.0)
    return _finish(per_item, (~ignored).sum().clamp_min(1), reduction)


def sigmoid_focal_loss(logits, targets, *, gamma=2.0, alpha=0.25, reduction="mean"):
    soft = targets.type_as(logits)
    per_item = soft * fn.softplus(-logits) + (1.0 - soft) * fn.softplus(logits)
    one_minus_pt = torch.sigmoid(logits) * (1.0 - soft) + torch.sigmoid(-logits) * soft
    per_item = per_item * _power(one_minus_pt, gamma)
    if alpha is not None:
        balance = alpha * soft + (1.0 - alpha) * (1.0 - soft)
        per_item = balance * per_item
    return _finish(per_item, max(per_item.numel(), 1), reduction)


class FocalLoss(torch.nn.Module):
    def __init__(self, gamma=2.0, alpha=None, reduction="mean", ignore_index=-100):
        super().__init__()
        self.gamma, self.reduction, self.ignore_index = gamma, reduction, ignore_index
        if alpha is not None:
            alpha = torch.as_tensor(alpha, dtype=torch.float32)
        self.register_buffer("alpha", alpha)

    def forward(self, logits, targets):
        return focal_loss(
            logits,
            targets,
            gamma=self.gamma,
            alpha=self.alpha,
            reduction=self.reduction,
            ignore_index=self.ignore_index,
        )
