"""A two-layer network whose gradients are worked out by hand."""

import numpy as np


def predict_proba(params, X, *, activation="relu"):
    """Class probabilities, ``softmax(f(X W1 + b1) W2 + b2)``.

    Parameters
    ----------
    params : dict of str to array
        "W1" of shape (d, h), "b1" (h,), "W2" (h, c), "b2" (c,).
    X : array-like of shape (n, d)
        Samples, of any integer or float dtype; n may be 0.
    activation : {"relu", "tanh"}
        The function f.

    Returns
    -------
    ndarray of shape (n, c), float64

    Raises
    ------
    ValueError
        Unknown activation.

    Examples
    --------
    >>> params = {"W1": np.ones((1, 2)), "b1": np.zeros(2), "W2": np.ones((2, 2)), "b2": np.zeros(2)}
    >>> predict_proba(params, [[3.0]]).tolist()
    [[0.5, 0.5]]
    """
    raise NotImplementedError("implement predict_proba")


def loss_and_grads(params, X, y, *, activation="relu", l2=0.0):
    """Mean cross-entropy with an L2 penalty on the weights, and its gradients.

    ``mean(-log P[i, y[i]]) + l2 / 2 * (sum(W1 ** 2) + sum(W2 ** 2))``

    Parameters
    ----------
    params : dict of str to array
        "W1" of shape (d, h), "b1" (h,), "W2" (h, c), "b2" (c,).
    X : array-like of shape (n, d)
        Samples, of any integer or float dtype.
    y : array-like of shape (n,), integer
        Classes in 0..c-1.
    activation : {"relu", "tanh"}
        The derivative of ReLU at 0 is taken to be 0.
    l2 : float, default 0.0
        Strength of the penalty, at least 0; biases are not penalised.

    Returns
    -------
    loss : float
        In nats.
    grads : dict of str to ndarray, float64
        Derivatives of the loss by "W1", "b1", "W2", "b2" and "X", shaped like these.

    Raises
    ------
    ValueError
        Unknown activation, a label outside 0..c-1, lengths that differ, or no samples.

    References
    ----------
    Rumelhart, Hinton, Williams, Learning representations by back-propagating errors, Nature 323, 1986.
    """
    raise NotImplementedError("implement loss_and_grads")


def train(params, X, y, *, lr=0.1, n_steps=100, activation="relu", l2=0.0):
    """Gradient descent on the whole batch.

    Parameters
    ----------
    params, X, y, activation, l2
        As for `loss_and_grads`; `params` is where the descent starts and stays as it is.
    lr : float, default 0.1
        Learning rate.
    n_steps : int, default 100
        Number of steps, at least 0.

    Returns
    -------
    params : dict of str to ndarray, float64
        "W1", "b1", "W2" and "b2" after the last step.
    losses : list of float
        The loss before each step.

    Raises
    ------
    ValueError
        As for `loss_and_grads`.
    """
    raise NotImplementedError("implement train")
