"""Numpy complains about what does not fit, and nobody asks for a negative learning rate."""

import numpy as np

CAUGHT_BY = (
    "test_bad_gradients",
    "test_bad_options",
)


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        self.params = list(params)
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self.counts = [0] * len(self.params)
        self.averages = [(np.zeros(p.shape), np.zeros(p.shape)) for p in self.params]

    def step(self, grads):
        beta1, beta2 = self.betas
        for place, (p, g) in enumerate(zip(self.params, grads, strict=False)):
            if g is None:
                continue
            self.counts[place] += 1
            m, v = self.averages[place]
            g = g.astype(np.float64) + self.weight_decay * p
            m += (1 - beta1) * (g - m)
            v += (1 - beta2) * (g * g - v)
            m_hat = m / (1 - beta1 ** self.counts[place])
            v_hat = v / (1 - beta2 ** self.counts[place])
            p -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)
