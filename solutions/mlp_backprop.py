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
    return np.exp(_forward(params, X, activation)[-1])


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
    X, W1, W2, a1, log_p = _forward(params, X, activation)
    y, n = np.asarray(y), len(X)
    if n == 0 or y.shape != (n,):
        raise ValueError(f"expected one label for each of at least one sample, found {n} samples and labels {y.shape}")
    if y.min() < 0 or y.max() >= W2.shape[1]:
        raise ValueError(f"labels must lie in 0..{W2.shape[1] - 1}, found {y.min()} to {y.max()}")
    rows = np.arange(n)
    penalty = l2 / 2 * (np.sum(W1**2) + np.sum(W2**2))
    loss = -log_p[rows, y].mean() + penalty

    dz2 = np.exp(log_p)  # (n, c)
    dz2[rows, y] -= 1
    dz2 /= n
    da1 = dz2 @ W2.T  # (n, h)
    dz1 = da1 * (a1 > 0 if activation == "relu" else 1 - a1**2)
    grads = {
        "W1": X.T @ dz1 + l2 * W1,
        "b1": dz1.sum(axis=0),
        "W2": a1.T @ dz2 + l2 * W2,
        "b2": dz2.sum(axis=0),
        "X": dz1 @ W1.T,
    }
    return float(loss), grads


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
    _check(activation)
    params = {name: np.array(params[name], dtype=float) for name in ("W1", "b1", "W2", "b2")}
    losses = []
    for _ in range(n_steps):
        loss, grads = loss_and_grads(params, X, y, activation=activation, l2=l2)
        params = {name: value - lr * grads[name] for name, value in params.items()}
        losses.append(loss)
    return params, losses


def _forward(params, X, activation):
    """X and weights as floats, hidden activations and logarithms of the probabilities."""
    _check(activation)
    X = np.asarray(X, dtype=float)
    W1, b1, W2, b2 = (np.asarray(params[name], dtype=float) for name in ("W1", "b1", "W2", "b2"))
    z1 = X @ W1 + b1
    a1 = np.maximum(z1, 0) if activation == "relu" else np.tanh(z1)
    z2 = a1 @ W2 + b2
    # With the largest logit at 0 no exponential overflows, and the sum is at least 1.
    z2 = z2 - z2.max(axis=1, keepdims=True)
    return X, W1, W2, a1, z2 - np.log(np.exp(z2).sum(axis=1, keepdims=True))


def _check(activation):
    if activation not in ("relu", "tanh"):
        raise ValueError(f"activation must be relu or tanh, found {activation!r}")
