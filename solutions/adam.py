"""Adam: steps divided by a running size of the gradient, with bias correction."""

import numpy as np


class Adam:
    """Adam for a list of arrays, which it updates in place.

    ``p -= lr * m_hat / (sqrt(v_hat) + eps)``, with averages of ``g + weight_decay * p``.

    Parameters
    ----------
    params : list of arrays
        Any shapes, float32 or float64; they are written to.
    lr : float, default 1e-3
        Learning rate; the attribute `lr` may be changed between steps.
    betas : pair of floats, default (0.9, 0.999)
        Decay rates of the averages of the gradient and of its square.
    eps : float, default 1e-8
        Added to the root of the corrected average.
    weight_decay : float, default 0.0
        Coupled: this multiple of the parameter is added to its gradient.

    Raises
    ------
    ValueError
        A negative `lr`, `eps` or `weight_decay`, a beta outside [0, 1), a parameter that is not float.

    References
    ----------
    Kingma and Ba, Adam: A Method for Stochastic Optimization, ICLR 2015, algorithm 1.

    Examples
    --------
    >>> w = np.array([1.0, 2.0])
    >>> Adam([w], lr=0.5).step([np.array([3.0, -0.01])])
    >>> w.round(4).tolist()
    [0.5, 2.5]
    """

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
        """One step along these gradients.

        Parameters
        ----------
        grads : list of arrays or None
            One for each parameter, of its shape; None leaves that parameter out.

        Raises
        ------
        ValueError
            Another number of gradients, or another shape; nothing was changed then.
        """
        shapes = [np.shape(p if g is None else g) for g, p in zip(grads, self.params, strict=True)]
        if shapes != [p.shape for p in self.params]:
            raise ValueError("a gradient has another shape than its parameter")
        beta1, beta2 = self.betas
        for place, (p, g) in enumerate(zip(self.params, grads, strict=True)):
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
