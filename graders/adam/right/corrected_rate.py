"""Puts both corrections into the learning rate and into eps, with a dict of states in the parameters' dtype."""

import math

import numpy as np


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if lr < 0 or eps < 0 or weight_decay < 0 or min(betas) < 0 or max(betas) >= 1:
            raise ValueError("bad option")
        for p in params:
            if not np.issubdtype(p.dtype, np.floating):
                raise ValueError("parameters must be floats")
        self.params, self.lr, (self.b1, self.b2), self.eps, self.decay = params, lr, betas, eps, weight_decay
        self.state = {}

    def step(self, grads):
        if len(grads) != len(self.params):
            raise ValueError("number of gradients")
        if any(g is not None and g.shape != p.shape for p, g in zip(self.params, grads, strict=True)):
            raise ValueError("shape of a gradient")
        for i, p in enumerate(self.params):
            if grads[i] is None:
                continue
            g = grads[i].astype(p.dtype)
            if self.decay:
                g = g + self.decay * p
            t, m, v = self.state.get(i, (0, np.zeros_like(p), np.zeros_like(p)))
            t, m, v = t + 1, self.b1 * m + (1 - self.b1) * g, self.b2 * v + (1 - self.b2) * np.square(g)
            self.state[i] = t, m, v
            root = math.sqrt(1 - self.b2**t)
            p[...] = p - self.lr * root / (1 - self.b1**t) * m / (np.sqrt(v) + self.eps * root)
