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
    raise NotImplementedError("implement focal_loss")


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
    raise NotImplementedError("implement sigmoid_focal_loss")


class FocalLoss(torch.nn.Module):
    """`focal_loss` as a module.

    Parameters
    ----------
    gamma, alpha, reduction, ignore_index
        As for `focal_loss`; `alpha` moves with the module and is not trained.
    """

    def __init__(self, gamma=2.0, alpha=None, reduction="mean", ignore_index=-100):
        raise NotImplementedError("implement FocalLoss")

    def forward(self, logits, targets):
        """The loss of a batch; shapes as for `focal_loss`."""
        raise NotImplementedError("implement FocalLoss")
