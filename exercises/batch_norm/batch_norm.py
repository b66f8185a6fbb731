"""Batch normalization with running averages and a backward pass by hand."""

import numpy as np


class BatchNorm:
    """Normalises every channel of a batch, ``y = gamma * (x - mean) / sqrt(var + eps) + beta``.

    Parameters
    ----------
    n_channels : int
        Size of axis 1 of the inputs.
    momentum : float or None, default 0.1
        Weight of the batch in the running averages; None for the mean over all training batches.
    eps : float, default 1e-5
        Added to the variance, under the root.

    Attributes
    ----------
    gamma, beta, running_mean, running_var : ndarray of shape (n_channels,), float64
        Scale (ones at first), shift (zeros), running mean (zeros), running unbiased variance (ones); may be replaced.

    References
    ----------
    Ioffe and Szegedy, Batch Normalization, ICML 2015, algorithms 1 and 2.

    Examples
    --------
    >>> layer = BatchNorm(1, eps=0.0)
    >>> layer.forward(np.array([[1.0], [3.0]])).tolist()
    [[-1.0], [1.0]]
    >>> layer.running_mean.tolist()
    [0.2]
    """

    def __init__(self, n_channels, *, momentum=0.1, eps=1e-5):
        raise NotImplementedError("implement BatchNorm")

    def forward(self, x, *, training=True):
        """The normalised batch.

        Parameters
        ----------
        x : ndarray of shape (n, c) or (n, c, *spatial)
            Statistics are over all axes but 1.
        training : bool, default True
            Normalise with the batch's mean and biased variance, and update the running averages; else use these.

        Returns
        -------
        ndarray, shaped like `x`
            In the dtype of `x`; float64 if that is no float dtype.

        Raises
        ------
        ValueError
            `x` does not fit, or training on fewer than two values per channel.
        """
        raise NotImplementedError("implement BatchNorm")

    def backward(self, grad_out):
        """The gradients that belong to the last `forward`.

        Parameters
        ----------
        grad_out : ndarray, shaped like the last `x`
            Gradient of the loss by what `forward` returned.

        Returns
        -------
        grad_x : ndarray, shaped like `x`
            In the dtype of what `forward` returned.
        grad_gamma, grad_beta : ndarray of shape (n_channels,), float64
            Sums over the batch.

        Raises
        ------
        ValueError
            `grad_out` has another shape.
        RuntimeError
            There was no `forward`.
        """
        raise NotImplementedError("implement BatchNorm")
