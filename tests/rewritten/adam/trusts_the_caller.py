"""As graders/adam/wrong/trusts_the_caller.py, in another hand."""

import numpy as np


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        self.lr = lr
        self.betas = betas
        self.eps = eps
        self.weight_decay = weight_decay
        self.slots = [{"p": p, "t": 0, "m": np.zeros(p.shape), "v": np.zeros(p.shape)} for p in params]

    def step(self, grads):
        for number, slot in enumerate(self.slots):
            g = grads[number]
            if g is not None:
                self._advance(slot, g)

    def _advance(self, slot, g):
        p = slot["p"]
        beta_m, beta_v = self.betas
        g = g.astype(float) + self.weight_decay * p
        slot["t"] += 1
        slot["m"] += (1 - beta_m) * (g - slot["m"])
        slot["v"] += (1 - beta_v) * (g * g - slot["v"])
        m_hat = slot["m"] / (1 - beta_m ** slot["t"])
        v_hat = slot["v"] / (1 - beta_v ** slot["t"])
        np.subtract(p, self.lr * m_hat / (np.sqrt(v_hat) + self.eps), out=p, casting="same_kind")
