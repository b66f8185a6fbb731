"""As graders/adam/wrong/rate_of_the_constructor.py, in another hand."""

import numpy as np


def _need(condition, message):
    if not condition:
        raise ValueError(message)


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        _need(lr >= 0, "negative lr")
        _need(eps >= 0, "negative eps")
        _need(weight_decay >= 0, "negative weight_decay")
        _need(all(0 <= b < 1 for b in betas), "beta out of range")
        _need(all(p.dtype.kind == "f" for p in params), "not a float parameter")
        self.lr = self._rate = lr
        self.betas = betas
        self.eps = eps
        self.weight_decay = weight_decay
        self.slots = [{"p": p, "t": 0, "m": np.zeros(p.shape), "v": np.zeros(p.shape)} for p in params]

    def step(self, grads):
        _need(len(grads) == len(self.slots), "wrong number of gradients")
        pairs = list(zip(self.slots, grads, strict=True))
        _need(all(g is None or np.shape(g) == slot["p"].shape for slot, g in pairs), "wrong shape of a gradient")
        for slot, g in pairs:
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
        np.subtract(p, self._rate * m_hat / (np.sqrt(v_hat) + self.eps), out=p, casting="same_kind")
