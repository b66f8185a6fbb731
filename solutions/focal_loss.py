"""Focal loss: cross-entropy that turns down what is already classified well."""

import torch
import torch.nn.functional as F


def focal_loss(logits, targets, *, gamma=2.0, alpha=None, reduction="mean", ignore_index=-100):
    """Multi-class focal loss, ``-alpha_t * (1 - p_t) ** gamma * log(p_t)``.

    Parameters
    ----------
    logits : Tensor of shape (n, c) or (n, c, *spatial)
        Unnormalised scores; softmax over axis 1.
    targets : Tensor of shape (n,) or (n, *spatial), int64
        Classes in 0..c-1, or `ignore_index`.
    gamma : float, default 2.0
        Focusing exponent, at least 0.
    alpha : None, or sequence or Tensor of shape (c,)
        Weight of each target class; the mean does not divide by it.
    reduction : {"mean", "sum", "none"}
        The mean is over targets that are not ignored.
    ignore_index : int, default -100
        Target that adds nothing to value or gradient.

    Returns
    -------
    Tensor
        In nats, dtype of the logits: 0-d, or the shape of `targets` for "none".

    Raises
    ------
    ValueError
        Unknown reduction.

    References
    ----------
    Lin et al., Focal Loss for Dense Object Detection, ICCV 2017, equation 5.
    """
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"reduction must be mean, sum or none, found {reduction!r}")
    kept = targets != ignore_index
    index = torch.where(kept, targets, 0)
    log_p = F.log_softmax(logits, dim=1).gather(1, index.unsqueeze(1)).squeeze(1)
    loss = -_focus(-torch.expm1(log_p), gamma) * log_p
    if alpha is not None:
        loss = loss * torch.as_tensor(alpha, dtype=logits.dtype, device=logits.device)[index]
    loss = torch.where(kept, loss, 0)
    if reduction == "none":
        return loss
    return loss.sum() if reduction == "sum" else loss.sum() / kept.sum().clamp(min=1)


def sigmoid_focal_loss(logits, targets, *, gamma=2.0, alpha=0.25, reduction="mean"):
    """Element-wise binary focal loss.

    Parameters
    ----------
    logits : Tensor of any shape
        Unnormalised scores; a sigmoid is applied to each.
    targets : Tensor of the same shape
        0, 1, or numbers between; any float or integer dtype.
    gamma : float, default 2.0
        Focusing exponent, at least 0.
    alpha : float or None, default 0.25
        Weight of target 1; target 0 gets ``1 - alpha``. None for no weights.
    reduction : {"mean", "sum", "none"}
        The mean is over all elements.

    Returns
    -------
    Tensor
        In nats, dtype of the logits: 0-d, or the shape of `targets` for "none".

    Raises
    ------
    ValueError
        Unknown reduction.

    References
    ----------
    Lin et al., Focal Loss for Dense Object Detection, ICCV 2017, equation 5.
    """
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
    """`focal_loss` as a module.

    Parameters
    ----------
    gamma, alpha, reduction, ignore_index
        As for `focal_loss`; `alpha` moves with the module and is not trained.
    """

    def __init__(self, gamma=2.0, alpha=None, reduction="mean", ignore_index=-100):
        super().__init__()
        self.gamma = gamma
        self.reduction = reduction
        self.ignore_index = ignore_index
        self.register_buffer("alpha", None if alpha is None else torch.as_tensor(alpha, dtype=torch.float32))

    def forward(self, logits, targets):
        """The loss of a batch; shapes as for `focal_loss`."""
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
