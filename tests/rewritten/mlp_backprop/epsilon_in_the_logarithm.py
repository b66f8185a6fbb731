"""As graders/mlp_backprop/wrong/epsilon_in_the_logarithm.py, in another hand."""

import numpy as np

FUNCTIONS = {
    "relu": (lambda z: np.where(z > 0, z, 0.0), lambda z, a: np.where(z > 0, 1.0, 0.0)),
    "tanh": (np.tanh, lambda z, a: (1 - a) * (1 + a)),
}


def pick(activation):
    if activation not in FUNCTIONS:
        raise ValueError("activation must be relu or tanh")
    return FUNCTIONS[activation]


def as_floats(params):
    return {key: np.array(params[key], dtype=np.float64) for key in ("W1", "b1", "W2", "b2")}


def run(p, X, f):
    z = np.dot(X, p["W1"]) + p["b1"]
    a = f(z)
    out = np.dot(a, p["W2"]) + p["b2"]
    out = out - out.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(out).sum(axis=1, keepdims=True))
    return z, a, out - log_sum


def predict_proba(params, X, *, activation="relu"):
    f, _ = pick(activation)
    return np.exp(run(as_floats(params), np.asarray(X, dtype=np.float64), f)[2])


def loss_and_grads(params, X, y, *, activation="relu", l2=0.0):
    f, slope = pick(activation)
    p = as_floats(params)
    X = np.array(X, dtype=np.float64)
    y = np.array(y)
    n_classes = p["b2"].size
    if len(X) == 0 or len(X) != len(y):
        raise ValueError("there must be as many labels as samples, and at least one")
    if y.min() < 0 or y.max() > n_classes - 1:
        raise ValueError("label out of range")
    z, a, log_p = run(p, X, f)
    hot = y[:, None] == np.arange(n_classes)
    loss = -np.log(np.exp(log_p[hot]) + 1e-10).sum() / len(X)
    loss = loss + l2 / 2 * sum((p[key] ** 2).sum() for key in ("W1", "W2"))
    d_out = (np.exp(log_p) - hot) / len(X)
    d_z = np.dot(d_out, p["W2"].T) * slope(z, a)
    grads = {
        "W1": np.dot(X.T, d_z) + l2 * p["W1"],
        "b1": np.sum(d_z, axis=0),
        "W2": np.dot(a.T, d_out) + l2 * p["W2"],
        "b2": np.sum(d_out, axis=0),
        "X": np.dot(d_z, p["W1"].T),
    }
    return loss, grads


def train(params, X, y, *, lr=0.1, n_steps=100, activation="relu", l2=0.0):
    pick(activation)
    p = as_floats(params)
    history = np.zeros(n_steps)
    for t in range(n_steps):
        history[t], g = loss_and_grads(p, X, y, activation=activation, l2=l2)
        p = {key: p[key] - lr * g[key] for key in p}
    return p, history
