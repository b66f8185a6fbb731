"""An LSTM over a batch of padded sequences."""

import torch


def lstm_cell(x, state, w_ih, w_hh, b_ih=None, b_hh=None):
    """One step of an LSTM, ``c = f * c + i * g`` and ``h = o * tanh(c)``.

    Parameters
    ----------
    x : Tensor of shape (n, d)
        Inputs of the step.
    state : pair of Tensor of shape (n, k)
        h and c before the step.
    w_ih, w_hh : Tensor of shape (4 * k, d) and (4 * k, k)
        Weights of the gates i, f, g, o, in this order.
    b_ih, b_hh : None or Tensor of shape (4 * k,)
        Biases; those that are given are added.

    Returns
    -------
    h, c : Tensor of shape (n, k)
        The state after the step.

    References
    ----------
    Gers, Schmidhuber, Cummins, Learning to Forget, Neural Computation 12(10), 2000.
    """
    raise NotImplementedError("implement lstm_cell")


def lstm_layer(x, lengths, w_ih, w_hh, b_ih=None, b_hh=None, *, state=None, reverse=False):
    """An LSTM over sequences that are padded to one length.

    Parameters
    ----------
    x : Tensor of shape (n, t, d)
        Sequences; what stands in the padding changes neither values nor gradients, NaN included.
    lengths : None, list of int or integer Tensor of shape (n,)
        Number of real steps of each sequence, 0 to t; None for t.
    w_ih, w_hh : Tensor of shape (4 * k, d) and (4 * k, k)
        Weights of the gates i, f, g, o, in this order.
    b_ih, b_hh : None or Tensor of shape (4 * k,)
        Biases; those that are given are added.
    state : None or pair of Tensor of shape (n, k)
        h and c at the start; zeros by default.
    reverse : bool, default False
        Read each sequence from its last real step to its first.

    Returns
    -------
    output : Tensor of shape (n, t, k)
        h after reading each step, at that step's place; 0 in the padding.
    (h, c) : pair of Tensor of shape (n, k)
        The state of each sequence after the last step that it read.

    Raises
    ------
    ValueError
        Lengths are not n numbers from 0 to t.

    References
    ----------
    Hochreiter and Schmidhuber, Long Short-Term Memory, Neural Computation 9(8), 1997.
    """
    raise NotImplementedError("implement lstm_layer")
