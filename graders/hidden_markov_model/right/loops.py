"""Loops over times and states with functions of scipy; the path is found again from the scores."""

import numpy as np
from scipy.special import logsumexp


def check(start, transition, emission, observations):
    transition, emission = np.array(transition, float), np.array(emission, float)
    if transition.ndim != 2 or transition.shape[0] != transition.shape[1] or transition.shape[0] == 0:
        raise ValueError("transition")
    n = transition.shape[0]
    if emission.ndim != 2 or emission.shape[0] != n:
        raise ValueError("emission")
    tables = [*transition, *emission]
    if start is not None:
        start = np.array(start, float)
        if start.shape != (n,):
            raise ValueError("start")
        tables.append(start)
    for row in tables:
        if np.isnan(row).any() or min(row) < 0 or abs(sum(row) - 1) > 1e-6:
            raise ValueError("no probabilities")
    if np.ndim(observations) != 1:
        raise ValueError("observations")
    seen = [int(symbol) for symbol in observations]
    if any(symbol < 0 or symbol >= emission.shape[1] for symbol in seen):
        raise ValueError("no such symbol")
    with np.errstate(divide="ignore"):
        return None if start is None else np.log(start), np.log(transition), np.log(emission), seen


def forward(start, transition, emission, observations):
    pi, a, b, seen = check(start, transition, emission, observations)
    table = np.full((len(seen), len(a)), -np.inf)
    for t, symbol in enumerate(seen):
        for j in range(len(a)):
            come = pi[j] if t == 0 else np.logaddexp.reduce(table[t - 1] + a[:, j])
            table[t, j] = come + b[j, symbol]
    return table


def backward(transition, emission, observations):
    _, a, b, seen = check(None, transition, emission, observations)
    table = np.zeros((len(seen), len(a)))
    for t in reversed(range(len(seen) - 1)):
        following = b[:, seen[t + 1]] + table[t + 1]
        for i in range(len(a)):
            table[t, i] = np.logaddexp.reduce(a[i] + following)
    return table


def log_likelihood(start, transition, emission, observations):
    table = forward(start, transition, emission, observations)
    return logsumexp(table[-1]) if len(table) else 0


def posterior(start, transition, emission, observations):
    table = forward(start, transition, emission, observations)
    table += backward(transition, emission, observations)
    for row in table:
        total = logsumexp(row)
        if total == -np.inf:
            raise ValueError("impossible")
        row -= total
    return np.exp(table)


def viterbi(start, transition, emission, observations):
    pi, a, b, seen = check(start, transition, emission, observations)
    if not seen:
        return [], 0.0
    best = [pi + b[:, seen[0]]]
    for symbol in seen[1:]:
        best.append(np.array([max(best[-1] + a[:, j]) + b[j, symbol] for j in range(len(a))]))
    state = next(j for j in range(len(a)) if best[-1][j] >= max(best[-1]) - 1e-9)
    total = best[-1][state]
    if total == -np.inf:
        raise ValueError("impossible")
    path = [state]
    for t in range(len(seen) - 2, -1, -1):
        options = best[t] + a[:, path[0]]
        path.insert(0, next(i for i in range(len(a)) if options[i] >= options.max() - 1e-9))
    return np.array(path), total
