"""As graders/batch_norm/wrong/statistics_of_each_pixel.py, in another hand."""

import numpy as np


class BatchNorm:
    def __init__(self, n_channels, *, momentum=0.1, eps=1e-5):
        self.c, self.momentum, self.eps = n_channels, momentum, eps
        self.gamma, self.beta = np.ones(n_channels), np.zeros(n_channels)
        self.running_mean, self.running_var = np.zeros(n_channels), np.ones(n_channels)
        self.seen = 0
        self.memory = None

    def forward(self, x, *, training=True):
        x = np.asarray(x)
        if x.ndim < 2 or x.shape[1] != self.c:
            raise ValueError("x must be (n, c) or (n, c, *spatial)")
        out_type = x.dtype if x.dtype in (np.float16, np.float32, np.float64) else np.float64
        self_axes = (0, *range(2, x.ndim))
        tall = (1, self.c) + (1,) * (x.ndim - 2)
        m = x.size // self.c
        x = x.astype(np.float64)
        if training:
            if m < 2:
                raise ValueError("a single value has no variance")
            self.average(x.mean(self_axes), x.var(self_axes, ddof=1))
            mean, var = x.mean(0, keepdims=True), x.var(0, keepdims=True)
        else:
            mean, var = self.running_mean.reshape(tall), self.running_var.reshape(tall)
        std = np.sqrt(var + self.eps)
        normal = (x - mean) / std
        y = np.reshape(self.gamma, tall) * normal + np.reshape(self.beta, tall)
        self.memory = normal, std, training, out_type
        return y.astype(out_type)

    def average(self, mean, var):
        self.seen += 1
        rho = 1 / self.seen if self.momentum is None else self.momentum
        self.running_mean = self.running_mean + rho * (mean - self.running_mean)
        self.running_var = self.running_var + rho * (var - self.running_var)

    def backward(self, grad_out):
        if self.memory is None:
            raise RuntimeError("forward comes first")
        normal, std, training, out_type = self.memory
        g = np.array(grad_out, dtype=np.float64)
        if g.shape != normal.shape:
            raise ValueError("grad_out has the wrong shape")
        axes = (0, *range(2, g.ndim))
        tall = (1, self.c) + (1,) * (g.ndim - 2)
        grad_gamma, grad_beta = (g * normal).sum(axes), g.sum(axes)
        d = g * np.reshape(self.gamma, tall)
        if training:
            d = d - d.mean(0) - normal * (d * normal).mean(0)
        return (d / std).astype(out_type), grad_gamma, grad_beta
