"""Writes the derivative of the multi-class form by hand, as an autograd function over flattened samples."""

import torch


class _Focal(torch.autograd.Function):
    @staticmethod
    def forward(ctx, rows, targets, gamma):
        log_probs = rows - torch.logsumexp(rows, dim=-1, keepdim=True)
        at = torch.arange(rows.shape[0], device=rows.device)
        log_p = log_probs[at, targets]
        ctx.save_for_backward(log_probs, targets, log_p)
        ctx.gamma = gamma
        return -((1 - log_p.exp()) ** gamma) * log_p

    @staticmethod
    def backward(ctx, upstream):
        log_probs, targets, log_p = ctx.saved_tensors
        p, gamma = log_p.exp(), ctx.gamma
        miss = 1 - p
        safe = torch.where(miss > 0, miss, torch.ones_like(miss))
        slope = gamma * p * log_p * safe ** (gamma - 1) - safe**gamma
        slope = torch.where(miss > 0, slope, torch.zeros_like(slope))
        one_hot = torch.zeros_like(log_probs)
        one_hot[torch.arange(len(targets)), targets] = 1
        return (upstream * slope)[:, None] * (one_hot - log_probs.exp()), None, None


def focal_loss(logits, targets, *, gamma=2.0, alpha=None, reduction="mean", ignore_index=-100):
    if reduction not in {"mean", "sum", "none"}:
        raise ValueError("reduction: mean, sum or none")
    shape = targets.shape
    rows = (
        logits.transpose(1, -1).reshape(-1, logits.shape[1])
        if logits.dim() == 3
        else torch.movedim(logits, 1, -1).flatten(0, -2)
    )
    flat = targets.reshape(-1)
    kept = (flat != ignore_index).nonzero(as_tuple=True)[0]
    part = _Focal.apply(rows[kept], flat[kept], gamma)
    if alpha is not None:
        weights = alpha if isinstance(alpha, torch.Tensor) else torch.tensor(alpha)
        part = part * weights.to(device=part.device, dtype=part.dtype)[flat[kept]]
    if reduction == "sum":
        return part.sum()
    if reduction == "mean":
        return part.sum() / max(len(kept), 1)
    return torch.zeros(flat.shape, dtype=part.dtype, device=part.device).index_put((kept,), part).reshape(shape)


def sigmoid_focal_loss(logits, targets, *, gamma=2.0, alpha=0.25, reduction="mean"):
    if reduction not in {"mean", "sum", "none"}:
        raise ValueError("reduction: mean, sum or none")
    y = targets.to(dtype=logits.dtype)
    entropy = torch.clamp(logits, min=0) - logits * y + torch.log1p(torch.exp(-logits.abs()))
    p = torch.sigmoid(logits)
    miss = p + y - 2 * p * y
    positive = miss > 0
    power = torch.where(positive, torch.where(positive, miss, torch.ones_like(miss)).pow(gamma), 0.0 if gamma else 1.0)
    loss = power * entropy
    if alpha is not None:
        loss = loss * ((2 * alpha - 1) * y + (1 - alpha))
    return {"mean": loss.mean, "sum": loss.sum, "none": lambda: loss}[reduction]()


class FocalLoss(torch.nn.Module):
    def __init__(self, gamma=2.0, alpha=None, reduction="mean", ignore_index=-100):
        super().__init__()
        self.gamma, self.reduction, self.ignore_index = gamma, reduction, ignore_index
        self.alpha = alpha

    def forward(self, logits, targets):
        return focal_loss(
            logits,
            targets,
            gamma=self.gamma,
            alpha=self.alpha,
            reduction=self.reduction,
            ignore_index=self.ignore_index,
        )
