"""Turns every input into a matrix with a row for each channel, keeps all averages, and projects the gradient."""

import numpy as np


def to_rows(x):
    return np.swapaxes(np.asarray(x), 0, 1).reshape(x.shape[1], -1).astype("f8")


def from_rows(rows, shape, dtype):
    return np.swapaxes(rows.reshape(shape[1], shape[0], *shape[2:]), 0, 1).astype(dtype)


class BatchNorm:
    last = None

    def __init__(self, n_channels, *, momentum=0.1, eps=1e-5):
        self.gamma, self.beta = np.full(n_channels, 1.0), np.full(n_channels, 0.0)
        self.running_mean, self.running_var = np.full(n_channels, 0.0), np.full(n_channels, 1.0)
        self.options = momentum, eps
        self.history = []

    def forward(self, x, *, training=True):
        x = np.asarray(x)
        if np.ndim(x) < 2 or np.size(x, 1) != self.gamma.shape[0]:
            raise ValueError(f"bad shape {x.shape}")
        momentum, eps = self.options
        rows = to_rows(x) if x.size else np.zeros((x.shape[1], 0))
        mean, var = self.running_mean, self.running_var
        if training:
            if rows.shape[1] < 2:
                raise ValueError("no unbiased variance")
            mean = rows.mean(1)
            unbiased = np.cov(rows, ddof=1).reshape(len(rows), -1).diagonal()
            var = unbiased * (rows.shape[1] - 1) / rows.shape[1]
            if momentum is None:
                self.history.append((mean, unbiased))
                self.running_mean = np.mean([one for one, _ in self.history], axis=0)
                self.running_var = np.mean([one for _, one in self.history], axis=0)
            else:
                self.running_mean = self.running_mean * (1 - momentum) + mean * momentum
                self.running_var = self.running_var * (1 - momentum) + unbiased * momentum
        inverse = (var[:, None] + eps) ** -0.5
        hat = (rows - mean[:, None]) * inverse
        dtype = x.dtype if x.dtype.kind == "f" else "f8"
        self.last = hat, inverse, training, x.shape, dtype
        return from_rows(hat * self.gamma[:, None] + self.beta[:, None], x.shape, dtype)

    def backward(self, grad_out):
        if self.last is None:
            raise RuntimeError("there was no forward")
        hat, inverse, training, shape, dtype = self.last
        if grad_out.shape != shape:
            raise ValueError("bad gradient")
        rows = to_rows(grad_out) if grad_out.size else hat
        by_gamma, by_beta = np.einsum("cm,cm->c", rows, hat), rows.sum(1)
        if training:
            rows = rows - rows.mean(1, keepdims=True)
            # hat is orthogonal to the ones, but its length is a little below the root of m because of eps.
            rows = rows - hat * np.einsum("cm,cm->c", rows, hat)[:, None] / hat.shape[1]
        return from_rows(rows * inverse * self.gamma[:, None], shape, dtype), by_gamma, by_beta
