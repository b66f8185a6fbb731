"""Cross-entropy from logits, and its gradient."""

import numpy as np


def cross_entropy(logits, targets, *, weight=None, label_smoothing=0.0, ignore_index=-100, reduction="mean"):
    """Cross-entropy, ``-(1 - eps) * w[y] * log(p[y]) - eps / c * sum(w * log(p))`` for each sample.

    Parameters
    ----------
    logits : array of shape (n, c)
        Unnormalised scores, float or integer; softmax along each row.
    targets : array of shape (n,), integer
        Classes in 0..c-1, or `ignore_index`.
    weight : None, or sequence or array of shape (c,)
        Weight of each class; the mean divides by the weights of the targets.
    label_smoothing : float, default 0.0
        The share eps that is spread evenly over all c classes, from 0 to 1.
    ignore_index : int, default -100
        Target that adds nothing and is not counted in the mean.
    reduction : {"mean", "sum", "none"}
        What becomes of the losses of the samples.

    Returns
    -------
    float, or array of shape (n,) for "none"
        In nats; the array has the dtype of float logits, and float64 for integer ones.

    Raises
    ------
    ValueError
        Unknown reduction, smoothing outside [0, 1], or a target that is no class.

    References
    ----------
    Szegedy et al., Rethinking the Inception Architecture for Computer Vision, CVPR 2016, section 7.

    Examples
    --------
    >>> logits = np.log([[1.0, 3.0], [1.0, 3.0]])
    >>> cross_entropy(logits, np.array([1, 0]), reduction="none").round(6).tolist()
    [0.287682, 1.386294]
    """
    raise NotImplementedError("implement cross_entropy")


def cross_entropy_grad(logits, targets, *, weight=None, label_smoothing=0.0, ignore_index=-100, reduction="mean"):
    """Gradient of `cross_entropy` with respect to the logits.

    Parameters
    ----------
    logits, targets, weight, label_smoothing, ignore_index
        As for `cross_entropy`.
    reduction : {"mean", "sum"}
        Which number is differentiated.

    Returns
    -------
    array of shape (n, c)
        Dtype of float logits, float64 for integer ones; rows of ignored samples are 0.

    Raises
    ------
    ValueError
        As for `cross_entropy`, and for the reduction "none".

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning, 2006, equation 4.109.

    Examples
    --------
    >>> logits = np.log([[1.0, 3.0], [1.0, 3.0]])
    >>> cross_entropy_grad(logits, np.array([1, 0])).round(6).tolist()
    [[0.125, -0.125], [-0.375, 0.375]]
    """
    raise NotImplementedError("implement cross_entropy_grad")
