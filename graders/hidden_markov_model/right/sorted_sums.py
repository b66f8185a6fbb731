"""Adds logarithms one after the other, the smallest first; the posterior is taken relative to the largest entry."""

import numpy as np


def model(transition, emission, observations, start=None):
    A, B = np.asarray(transition).astype(float), np.asarray(emission).astype(float)
    if A.ndim != 2 or A.shape != A.T.shape or B.ndim != 2 or B.shape[0] != A.shape[0] or not A.size:
        raise ValueError("shapes")
    pi = np.ones(len(A)) / len(A) if start is None else np.asarray(start).astype(float)
    if pi.shape != A.shape[:1]:
        raise ValueError("start")
    for table in (pi[None], A, B):
        if not np.isfinite(table).all() or (table < 0).any() or not np.allclose(table.sum(1), 1, rtol=0, atol=1e-6):
            raise ValueError("probabilities")
    o = np.asarray(observations)
    if o.ndim != 1 or np.any(o < 0) or np.any(o >= B.shape[1]):
        raise ValueError("observations")
    with np.errstate(divide="ignore"):
        return np.log(pi), np.log(A), np.log(B)[:, o.astype(int)]


def add_logs(terms):
    """Over the first axis, the smallest terms first."""
    terms = np.sort(terms, axis=0)
    total = terms[0]
    for row in terms[1:]:
        total = np.logaddexp(total, row)
    return total


def forward(start, transition, emission, observations):
    pi, A, shown = model(transition, emission, observations, start)
    rows = []
    for t in range(shown.shape[1]):
        rows.append((add_logs((A.T + rows[-1]).T) if rows else pi) + shown[:, t])
    return np.array(rows).reshape(-1, len(A))


def backward(transition, emission, observations):
    _, A, shown = model(transition, emission, observations)
    rows = [np.zeros(len(A))][: shown.shape[1]]
    for t in range(shown.shape[1] - 1, 0, -1):
        rows.append(add_logs((A + (shown[:, t] + rows[-1])).T))
    return np.array(rows[::-1]).reshape(-1, len(A))


def log_likelihood(start, transition, emission, observations):
    table = forward(start, transition, emission, observations)
    return add_logs(table[-1]) if table.size else np.float64(0)


def posterior(start, transition, emission, observations):
    table = forward(start, transition, emission, observations) + backward(transition, emission, observations)
    if table.size and table[0].max() == -np.inf:
        raise ValueError("impossible")
    table = np.exp(table - table.max(axis=1, keepdims=True, initial=-np.inf))
    return table / table.sum(axis=1, keepdims=True)


def viterbi(start, transition, emission, observations):
    pi, A, shown = model(transition, emission, observations, start)
    n_times = shown.shape[1]
    if n_times == 0:
        return np.empty(0, np.int64), 0.0
    # Best log-probability of what follows each state; then walk from the end through what came before.
    before = [pi + shown[:, 0]]
    for t in range(1, n_times):
        before.append((A + before[-1][:, None]).max(axis=0) + shown[:, t])
    state, path = None, []
    for t in range(n_times - 1, -1, -1):
        score = before[t] if state is None else before[t] + A[:, state]
        state = int(np.flatnonzero(score.max() - score <= 1e-9)[0]) if score.max() > -np.inf else -1
        if state < 0:
            raise ValueError("impossible")
        path.append(state)
    return np.array(path[::-1]), before[-1].max()
