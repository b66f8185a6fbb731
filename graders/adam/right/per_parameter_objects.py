"""One small object for each parameter, running products instead of powers, and a flat copy that is written back."""

import numpy as np


class _Track:
    def __init__(self, array):
        self.array = array
        self.mean = np.zeros(array.size, dtype=np.float64)
        self.square = np.zeros(array.size, dtype=np.float64)
        self.left1 = self.left2 = 1.0

    def move(self, gradient, lr, beta1, beta2, eps, decay):
        flat = self.array.flatten().astype(np.float64)
        gradient = gradient.flatten().astype(np.float64) + decay * flat
        self.left1 *= beta1
        self.left2 *= beta2
        self.mean = beta1 * self.mean + (1.0 - beta1) * gradient
        self.square = beta2 * self.square + (1.0 - beta2) * gradient**2
        size = (self.square / (1.0 - self.left2)) ** 0.5
        flat = flat - lr * (self.mean / (1.0 - self.left1)) / (size + eps)
        self.array[...] = flat.reshape(self.array.shape)


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        beta1, beta2 = betas
        for number in (lr, eps, weight_decay, beta1, beta2):
            if number < 0:
                raise ValueError("negative")
        if beta1 >= 1 or beta2 >= 1:
            raise ValueError("beta")
        self.tracks = []
        for p in params:
            if p.dtype not in (np.float32, np.float64):
                raise ValueError("dtype")
            self.tracks.append(_Track(p))
        self.lr = lr
        self.fixed = (beta1, beta2, eps, weight_decay)

    def step(self, grads):
        if len(grads) != len(self.tracks):
            raise ValueError("count")
        pairs = [(track, g) for track, g in zip(self.tracks, grads, strict=True) if g is not None]
        for track, g in pairs:
            if g.shape != track.array.shape:
                raise ValueError("shape")
        for track, g in pairs:
            track.move(g, self.lr, *self.fixed)
        return self
