"""Loops over classes and hidden units in plain Python, with columns of samples, and scipy's log-sum-exp."""

import numpy as np
from scipy.special import logsumexp


def forward(params, X, activation):
    if activation not in ("relu", "tanh"):
        raise ValueError("activation")
    X = np.array(X, dtype=np.float64)
    W1, W2 = np.array(params["W1"], dtype=np.float64), np.array(params["W2"], dtype=np.float64)
    hidden = []
    for j in range(W1.shape[1]):
        z = np.full(len(X), float(params["b1"][j]))
        for i in range(W1.shape[0]):
            z = z + X[:, i] * W1[i, j]
        hidden.append(np.where(z > 0, z, 0.0) if activation == "relu" else np.tanh(z))
    logits = []
    for k in range(W2.shape[1]):
        z = np.full(len(X), float(params["b2"][k]))
        for j in range(W2.shape[0]):
            z = z + hidden[j] * W2[j, k]
        logits.append(z)
    return X, W1, W2, hidden, logits


def predict_proba(params, X, *, activation="relu"):
    *_, logits = forward(params, X, activation)
    norm = logsumexp(logits, axis=0)
    return np.array([np.exp(z - norm) for z in logits]).T


def loss_and_grads(params, X, y, *, activation="relu", l2=0.0):
    X, W1, W2, hidden, logits = forward(params, X, activation)
    y = np.array(y)
    n, (d, h), c = len(X), W1.shape, W2.shape[1]
    if len(y) != n or n == 0:
        raise ValueError("lengths")
    for label in (int(min(y)), int(max(y))):
        if not 0 <= label < c:
            raise ValueError("label")
    norm = logsumexp(logits, axis=0)
    loss = 0.0
    gW1, gb1, gW2, gb2, gX = np.zeros((d, h)), np.zeros(h), np.zeros((h, c)), np.zeros(c), np.zeros((n, d))
    upstream = [np.zeros(n) for _ in range(h)]
    for k in range(c):
        hit = y == k
        loss += (norm[hit] - logits[k][hit]).sum() / n
        slope = (np.exp(logits[k] - norm) - hit) / n
        gb2[k] = sum(slope)
        for j in range(h):
            gW2[j, k] = np.dot(hidden[j], slope) + l2 * W2[j, k]
            upstream[j] += slope * W2[j, k]
    for j in range(h):
        if activation == "relu":
            slope = upstream[j] * (hidden[j] > 0)
        else:
            slope = upstream[j] * (1 + hidden[j]) * (1 - hidden[j])
        gb1[j] = slope.sum()
        for i in range(d):
            gW1[i, j] = np.dot(X[:, i], slope) + l2 * W1[i, j]
            gX[:, i] += slope * W1[i, j]
    loss += l2 / 2 * ((W1 * W1).sum() + (W2 * W2).sum())
    return loss, {"X": gX, "b2": gb2, "W2": gW2, "b1": gb1, "W1": gW1}


def train(params, X, y, *, lr=0.1, n_steps=100, activation="relu", l2=0.0):
    if activation not in ("relu", "tanh"):
        raise ValueError("activation")
    current = {name: np.array(value, dtype=np.float64) for name, value in params.items()}
    losses = []
    for _ in range(n_steps):
        loss, grads = loss_and_grads(current, X, y, activation=activation, l2=l2)
        losses.append(loss)
        for name in current:
            current[name] -= lr * grads[name]
    return current, losses
