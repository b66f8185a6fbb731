"""As graders/hidden_markov_model/wrong/shows_what_it_leaves.py, in another hand."""

import math

import numpy as np

NEVER = -math.inf


def log(p):
    return math.log(p) if p > 0 else NEVER


def add(logs):
    logs = list(logs)
    top = max(logs, default=NEVER)
    if top == NEVER:
        return NEVER
    return top + math.log(sum(math.exp(v - top) for v in logs))


def read(start, transition, emission, observations):
    transition = np.array(transition, dtype=np.float64)
    emission = np.array(emission, dtype=np.float64)
    if transition.ndim != 2 or transition.shape[0] != transition.shape[1] or transition.shape[0] == 0:
        raise ValueError("transition must be square")
    n = transition.shape[0]
    if emission.ndim != 2 or emission.shape[0] != n:
        raise ValueError("emission needs a row for each state")
    tables = [transition, emission]
    if start is not None:
        start = np.array(start, dtype=np.float64)
        if start.shape != (n,):
            raise ValueError("start needs an entry for each state")
        tables.append(start[None])
    for table in tables:
        if not np.isfinite(table).all() or table.min() < 0 or np.abs(table.sum(axis=1) - 1).max() > 1e-6:
            raise ValueError("rows must be probabilities")
    seen = np.array(observations)
    if seen.ndim != 1:
        raise ValueError("observations must be a list of symbols")
    seen = seen.tolist()
    for symbol in seen:
        if symbol != int(symbol) or not 0 <= symbol < emission.shape[1]:
            raise ValueError("there is no such symbol")
    first = None if start is None else [log(p) for p in start]
    step = [[log(p) for p in row] for row in transition]
    show = [[log(row[int(symbol)]) for row in emission] for symbol in seen]
    return first, step, show


def forward(start, transition, emission, observations):
    first, step, show = read(start, transition, emission, observations)
    n = len(step)
    alpha = []
    for shown in show:
        if alpha:
            before = alpha[-1]
            row = [add(before[i] + step[i][j] for i in range(n)) + shown[j] for j in range(n)]
        else:
            row = [first[j] + shown[j] for j in range(n)]
        alpha.append(row)
    return np.array(alpha, dtype=np.float64).reshape(-1, n)


def backward(transition, emission, observations):
    _, step, show = read(None, transition, emission, observations)
    n = len(step)
    beta = [[0.0] * n for _ in show]
    for t in reversed(range(len(show) - 1)):
        for i in range(n):
            beta[t][i] = show[t][i] + add(step[i][j] + beta[t + 1][j] for j in range(n))
    return np.array(beta, dtype=np.float64).reshape(-1, n)


def log_likelihood(start, transition, emission, observations):
    alpha = forward(start, transition, emission, observations)
    if len(alpha) == 0:
        return 0.0
    return add(alpha[-1].tolist())


def posterior(start, transition, emission, observations):
    alpha = forward(start, transition, emission, observations)
    beta = backward(transition, emission, observations)
    answer = np.zeros(alpha.shape)
    for t in range(len(alpha)):
        both = [a + b for a, b in zip(alpha[t].tolist(), beta[t].tolist(), strict=True)]
        total = add(both)
        if total == NEVER:
            raise ValueError("impossible observations")
        answer[t] = [math.exp(v - total) for v in both]
    return answer


def first_of_the_best(values):
    top = max(values)
    for place, value in enumerate(values):
        if value >= top - 1e-9:
            return place
    return 0


def viterbi(start, transition, emission, observations):
    first, step, show = read(start, transition, emission, observations)
    n = len(step)
    if not show:
        return np.zeros(0, dtype=np.int64), 0.0
    best = [first[j] + show[0][j] for j in range(n)]
    origins = []
    for shown in show[1:]:
        origin = [first_of_the_best([best[i] + step[i][j] for i in range(n)]) for j in range(n)]
        best = [best[origin[j]] + step[origin[j]][j] + shown[j] for j in range(n)]
        origins.append(origin)
    state = first_of_the_best(best)
    value = best[state]
    if value == NEVER:
        raise ValueError("impossible observations")
    path = [state]
    for origin in reversed(origins):
        path.append(origin[path[-1]])
    return np.array(path[::-1]), value
