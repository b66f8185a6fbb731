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
        self.momentum, self.eps = momentum, eps
        self.gamma, self.beta = np.ones(n_channels), np.zeros(n_channels)
        self.running_mean, self.running_var = np.zeros(n_channels), np.ones(n_channels)
        self._n_batches, self._kept = 0, None

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
        x = np.asarray(x)
        if x.ndim < 2 or x.shape[1] != len(self.gamma):
            raise ValueError(f"expected an array of shape (n, {len(self.gamma)}, ...), found {x.shape}")
        dtype = x.dtype if x.dtype.kind == "f" else np.dtype(float)
        x = x.astype(float)
        axes = (0, *range(2, x.ndim))
        if training:
            m = x.size // x.shape[1]
            if m < 2:
                raise ValueError(f"training needs at least 2 values per channel, found {m}")
            mean = x.mean(axis=axes)
            var = x.var(axis=axes)
            self._update(mean, var * m / (m - 1))
        else:
            mean, var = self.running_mean, self.running_var
        scale = 1 / np.sqrt(_per_channel(var, x.ndim) + self.eps)
        x_hat = (x - _per_channel(mean, x.ndim)) * scale
        self._kept = (x_hat, scale, training, dtype)
        y = _per_channel(self.gamma, x.ndim) * x_hat + _per_channel(self.beta, x.ndim)
        return y.astype(dtype)

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
        if self._kept is None:
            raise RuntimeError("backward needs a forward first")
        x_hat, scale, training, dtype = self._kept
        grad = np.asarray(grad_out, dtype=float)
        if grad.shape != x_hat.shape:
            raise ValueError(f"expected a gradient of shape {x_hat.shape}, found {grad.shape}")
        axes = (0, *range(2, grad.ndim))
        grad_gamma, grad_beta = (grad * x_hat).sum(axis=axes), grad.sum(axis=axes)
        if training:
            # What moves the mean, and what moves the variance, is taken out of the gradient.
            m = grad.size // grad.shape[1]
            grad = grad - (_per_channel(grad_beta, grad.ndim) + x_hat * _per_channel(grad_gamma, grad.ndim)) / m
        grad_x = _per_channel(self.gamma, grad.ndim) * scale * grad
        return grad_x.astype(dtype), grad_gamma, grad_beta

    def _update(self, mean, unbiased_var):
        self._n_batches += 1
        weight = 1 / self._n_batches if self.momentum is None else self.momentum
        self.running_mean = (1 - weight) * self.running_mean + weight * mean
        self.running_var = (1 - weight) * self.running_var + weight * unbiased_var


def _per_channel(values, ndim):
    """Values of shape (c,) such that they broadcast along axis 1 of ndim axes."""
    return np.reshape(values, (-1, *[1] * (ndim - 2)))
