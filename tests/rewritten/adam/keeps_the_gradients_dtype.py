"""As graders/adam/wrong/keeps_the_gradients_dtype.py, in another hand."""

import numpy as np


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if lr < 0 or eps < 0 or weight_decay < 0:
            raise ValueError("lr, eps and weight_decay cannot be negative")
        self.b1, self.b2 = betas
        if min(betas) < 0 or max(betas) >= 1:
            raise ValueError("betas lie in [0, 1)")
        self.params = list(params)
        for w in self.params:
            if not np.issubdtype(w.dtype, np.floating):
                raise ValueError("only float parameters can be trained")
        self.lr, self.eps, self.wd = lr, eps, weight_decay
        self.first = [np.zeros(w.shape) for w in self.params]
        self.second = [np.zeros(w.shape) for w in self.params]
        self.age = [0 for _ in self.params]

    def step(self, grads):
        if len(grads) != len(self.params):
            raise ValueError("one gradient for each parameter, please")
        for w, g in zip(self.params, grads, strict=True):
            if g is not None and g.shape != w.shape:
                raise ValueError("gradient and parameter differ in shape")
        for i, w in enumerate(self.params):
            g = grads[i]
            if g is None:
                continue
            if self.wd > 0:
                g = g + self.wd * w
            self.age[i] += 1
            self.first[i] = self.b1 * self.first[i] + (1 - self.b1) * g
            self.second[i] = self.b2 * self.second[i] + (1 - self.b2) * np.square(g)
            mean = self.first[i] / (1 - self.b1 ** self.age[i])
            size = np.sqrt(self.second[i] / (1 - self.b2 ** self.age[i])) + self.eps
            w[...] = w - self.lr * mean / size
