"""No gradient is a gradient of zero."""

import numpy as np

CAUGHT_BY = (
    "test_missing_gradients",
    "test_counters_of_their_own",
)


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        for name, value in (("lr", lr), ("eps", eps), ("weight_decay", weight_decay)):
            if not value >= 0:
                raise ValueError(f"{name} must be at least 0, found {value}")
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError(f"betas must be at least 0 and below 1, found {betas}")
        self.params = list(params)
        if any(p.dtype.kind != "f" for p in self.params):
            raise ValueError("parameters must be float arrays: others cannot be updated in place")
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self.counts = [0] * len(self.params)
        self.averages = [(np.zeros(p.shape), np.zeros(p.shape)) for p in self.params]

    def step(self, grads):
        shapes = [np.shape(p if g is None else g) for g, p in zip(grads, self.params, strict=True)]
        if shapes != [p.shape for p in self.params]:
            raise ValueError("a gradient has another shape than its parameter")
        beta1, beta2 = self.betas
        for place, (p, g) in enumerate(zip(self.params, grads, strict=True)):
            if g is None:
                g = np.zeros(p.shape)
            self.counts[place] += 1
            m, v = self.averages[place]
            g = g.astype(np.float64) + self.weight_decay * p
            m += (1 - beta1) * (g - m)
            v += (1 - beta2) * (g * g - v)
            m_hat = m / (1 - beta1 ** self.counts[place])
            v_hat = v / (1 - beta2 ** self.counts[place])
            p -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)
