"""As graders/batch_norm/wrong/momentum_is_what_stays.py, in another hand."""

import numpy as np


def to_rows(a):
    return np.moveaxis(a, 1, 0).reshape(a.shape[1], -1)


def from_rows(rows, shape):
    return np.moveaxis(rows.reshape(shape[1], shape[0], *shape[2:]), 0, 1)


class BatchNorm:
    def __init__(self, n_channels, *, momentum=0.1, eps=1e-5):
        self.n_channels = n_channels
        self.momentum = momentum
        self.eps = eps
        self.gamma = np.ones(n_channels)
        self.beta = np.zeros(n_channels)
        self.running_mean = np.zeros(n_channels)
        self.running_var = np.ones(n_channels)
        self.n_batches = 0
        self.cache = {}

    def forward(self, x, *, training=True):
        x = np.asarray(x)
        if x.ndim < 2:
            raise ValueError("too few axes")
        if x.shape[1] != self.n_channels:
            raise ValueError("wrong number of channels")
        kind = x.dtype if x.dtype.kind == "f" else np.dtype("float64")
        rows = np.array(to_rows(x), dtype="float64")
        if training:
            mean, var = self.learn(rows)
        else:
            mean, var = self.running_mean, self.running_var
        inv = (np.asarray(var) + self.eps) ** -0.5
        hat = (rows - np.asarray(mean)[:, None]) * inv[:, None]
        self.cache = {"hat": hat, "inv": inv, "training": training, "shape": x.shape, "kind": kind}
        return from_rows(hat * np.asarray(self.gamma)[:, None] + np.asarray(self.beta)[:, None], x.shape).astype(kind)

    def learn(self, rows):
        m = rows.shape[1]
        if m < 2:
            raise ValueError("at least two values per channel are needed")
        mean = rows.mean(axis=1)
        var = ((rows - mean[:, None]) ** 2).sum(axis=1) / m
        unbiased = var * m / (m - 1)
        self.n_batches += 1
        rho = self.momentum if self.momentum is not None else 1.0 / self.n_batches
        self.running_mean = rho * np.asarray(self.running_mean) + (1 - rho) * mean
        self.running_var = rho * np.asarray(self.running_var) + (1 - rho) * unbiased
        return mean, var

    def backward(self, grad_out):
        if not self.cache:
            raise RuntimeError("there was no forward yet")
        if np.shape(grad_out) != self.cache["shape"]:
            raise ValueError("shape of grad_out")
        hat = self.cache["hat"]
        dy = to_rows(np.asarray(grad_out)).astype("float64")
        dbeta = np.sum(dy, axis=1)
        dgamma = np.sum(dy * hat, axis=1)
        dx = dy
        if self.cache["training"]:
            m = dy.shape[1]
            dx = dy - (dbeta[:, None] + hat * dgamma[:, None]) / m
        dx = dx * (np.asarray(self.gamma) * self.cache["inv"])[:, None]
        return from_rows(dx, self.cache["shape"]).astype(self.cache["kind"]), dgamma, dbeta
