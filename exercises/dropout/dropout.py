"""Inverted dropout: random zeros in training, nothing at all afterwards."""

import torch


def dropout(x, p=0.5, *, training=True, generator=None):
    """Set elements to 0 at random and scale the others by ``1 / (1 - p)``, so that the expectation stays.

    Parameters
    ----------
    x : Tensor of any shape
        float32, float64, bfloat16 or float16; finite.
    p : float, default 0.5
        Probability that an element is set to 0, from 0 to 1.
    training : bool, default True
        False returns the values as they are.
    generator : torch.Generator or None
        Source of the random numbers, on the device of `x`; None is the global one.

    Returns
    -------
    Tensor
        Shape, dtype and device of `x`; gradients pass through the elements that were kept.

    Raises
    ------
    ValueError
        A probability outside [0, 1].

    References
    ----------
    Srivastava et al., Dropout: A Simple Way to Prevent Neural Networks from Overfitting, JMLR 15, 2014.

    Examples
    --------
    >>> y = dropout(torch.ones(1000), p=0.75, generator=torch.Generator().manual_seed(0))
    >>> sorted(set(y.tolist()))
    [0.0, 4.0]
    """
    raise NotImplementedError("implement dropout")


class Dropout(torch.nn.Module):
    """`dropout` as a module, which is idle in eval mode.

    Parameters
    ----------
    p : float, default 0.5
        Probability that an element is set to 0, from 0 to 1.

    Raises
    ------
    ValueError
        A probability outside [0, 1].
    """

    def __init__(self, p=0.5):
        raise NotImplementedError("implement Dropout")

    def forward(self, x):
        """Drop elements in train mode, with the global source of random numbers."""
        raise NotImplementedError("implement Dropout")
