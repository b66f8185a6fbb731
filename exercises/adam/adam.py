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
        raise NotImplementedError("implement Adam")

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
        raise NotImplementedError("implement Adam")
