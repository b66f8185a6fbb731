"""One channel after the other, and the backward pass through every little step of the forward pass."""

import numpy as np


class BatchNorm:
    def __init__(self, n_channels, *, momentum=0.1, eps=1e-5):
        self.c = n_channels
        self.momentum = momentum
        self.eps = eps
        self.gamma = np.ones(n_channels)
        self.beta = np.zeros(n_channels)
        self.running_mean = np.zeros(n_channels)
        self.running_var = np.ones(n_channels)
        self.seen = 0

    def forward(self, x, *, training=True):
        x = np.array(x)
        if x.ndim < 2:
            raise ValueError("two axes at least")
        if x.shape[1] != self.c:
            raise ValueError("channels")
        m = len(x) * int(np.prod(x.shape[2:]))
        if training and m <= 1:
            raise ValueError("too few values")
        self.dtype = x.dtype if np.issubdtype(x.dtype, np.floating) else np.float64
        self.shape = x.shape
        self.training = training
        out = np.empty(x.shape)
        self.cache = []
        if training:
            self.seen += 1
        for k in range(self.c):
            values = x[:, k].astype(np.float64)
            if training:
                mean = np.sum(values) / m
                centred = values - mean
                var = np.sum(centred * centred) / m
                rate = self.momentum if self.momentum is not None else 1.0 / self.seen
                self.running_mean[k] += rate * (mean - self.running_mean[k])
                self.running_var[k] += rate * (var * m / (m - 1) - self.running_var[k])
            else:
                centred = values - self.running_mean[k]
                var = self.running_var[k]
            root = (var + self.eps) ** 0.5
            out[:, k] = self.gamma[k] * (centred / root) + self.beta[k]
            self.cache.append((centred, root))
        return out.astype(self.dtype)

    def backward(self, grad_out):
        if not hasattr(self, "cache"):
            raise RuntimeError("forward first")
        if np.shape(grad_out) != self.shape:
            raise ValueError("shape")
        grad_x, grad_gamma, grad_beta = np.empty(self.shape), np.empty(self.c), np.empty(self.c)
        for k in range(self.c):
            centred, root = self.cache[k]
            upstream = np.array(grad_out[:, k], dtype=np.float64)
            grad_beta[k] = upstream.sum()
            grad_gamma[k] = (upstream * centred / root).sum()
            d_hat = upstream * self.gamma[k]
            d_centred = d_hat / root
            if self.training:
                m = centred.size
                d_inverse = (d_hat * centred).sum()
                d_root = -d_inverse / root**2
                d_var = d_root * 0.5 / root
                d_centred = d_centred + d_var * 2.0 * centred / m
                d_mean = -d_centred.sum()
                grad_x[:, k] = d_centred + d_mean / m
            else:
                grad_x[:, k] = d_centred
        return grad_x.astype(self.dtype), grad_gamma, grad_beta
