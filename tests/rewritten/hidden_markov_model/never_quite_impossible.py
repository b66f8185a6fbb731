"""As graders/hidden_markov_model/wrong/never_quite_impossible.py, in another hand."""

import numpy as np
from scipy.special import logsumexp


def _model(start, transition, emission, observations):
    A = np.asarray(transition, dtype=float)
    B = np.asarray(emission, dtype=float)
    if A.ndim != 2 or B.ndim != 2 or A.shape != (len(B), len(B)) or not len(B):
        raise ValueError("transition and emission do not fit")
    pi = np.full(len(B), 1.0 / len(B)) if start is None else np.asarray(start, dtype=float)
    if pi.shape != (len(B),):
        raise ValueError("start does not fit")
    for rows in (pi[np.newaxis], A, B):
        fine = np.isfinite(rows).all() and (rows >= 0).all() and np.all(np.abs(rows.sum(axis=1) - 1.0) <= 1e-6)
        if not fine:
            raise ValueError("no probabilities")
    o = np.asarray(observations)
    if o.ndim != 1:
        raise ValueError("observations have one dimension")
    if o.size == 0:
        o = o.astype(int)
    if o.dtype.kind not in "iu" or np.any(o < 0) or np.any(o >= B.shape[1]):
        raise ValueError("no such symbol")
    return _log(pi), _log(A), _log(B)[:, o.astype(int)].T


def _log(p):
    return np.log(p + 1e-300)


def forward(start, transition, emission, observations):
    pi, A, shown = _model(start, transition, emission, observations)
    rows = np.zeros(shown.shape)
    current = pi
    for t in range(len(shown)):
        if t > 0:
            current = logsumexp(A.T + current, axis=1)
        current = current + shown[t]
        rows[t] = current
    return rows


def backward(transition, emission, observations):
    _, A, shown = _model(None, transition, emission, observations)
    rows = np.zeros(shown.shape)
    for t in range(len(shown) - 1, 0, -1):
        ahead = shown[t] + rows[t]
        rows[t - 1] = logsumexp(A + ahead[np.newaxis, :], axis=1)
    return rows


def log_likelihood(start, transition, emission, observations):
    rows = forward(start, transition, emission, observations)
    return float(logsumexp(rows[-1])) if rows.size else 0.0


def posterior(start, transition, emission, observations):
    rows = forward(start, transition, emission, observations)
    if rows.size and np.isneginf(rows[-1]).all():
        raise ValueError("these observations cannot occur")
    rows += backward(transition, emission, observations)
    gamma = np.exp(rows - rows.max(axis=1, keepdims=True))
    return gamma / gamma.sum(axis=1, keepdims=True)


def _lowest(values):
    return np.isclose(values, values.max(axis=0), rtol=0, atol=1e-9).argmax(axis=0)


def viterbi(start, transition, emission, observations):
    pi, A, shown = _model(start, transition, emission, observations)
    T = len(shown)
    if T == 0:
        return np.array([], dtype=int), 0.0
    delta, back = pi + shown[0], []
    for t in range(1, T):
        reach = delta[:, np.newaxis] + A
        choice = _lowest(reach)
        back.append(choice)
        delta = np.take_along_axis(reach, choice[np.newaxis], axis=0)[0] + shown[t]
    end = int(_lowest(delta))
    if np.isneginf(delta[end]):
        raise ValueError("these observations cannot occur")
    path = np.full(T, end, dtype=int)
    for t in range(T - 2, -1, -1):
        path[t] = back[t][path[t + 1]]
    return path, float(delta[end])
