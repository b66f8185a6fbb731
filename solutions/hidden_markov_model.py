"""A hidden Markov model with discrete observations, in log space."""

import numpy as np

_TIE = 1e-9  # log-probabilities closer than this count as equal


def forward(start, transition, emission, observations):
    """Log-probability of the observations up to each time, together with the state at that time.

    ``log_alpha[t, i] = log p(o_0, ..., o_t, s_t = i)``

    Parameters
    ----------
    start : array-like of shape (n_states,)
        Probabilities of the first state.
    transition : array-like of shape (n_states, n_states)
        ``transition[i, j]`` is the probability of going from state i to state j.
    emission : array-like of shape (n_states, n_symbols)
        ``emission[i, m]`` is the probability that state i shows symbol m.
    observations : array-like of shape (n_times,)
        Symbols, integers from 0 to n_symbols - 1; n_times may be 0.

    Returns
    -------
    ndarray of shape (n_times, n_states), float64
        In nats; -inf where it is impossible.

    Raises
    ------
    ValueError
        Shapes that do not fit, probabilities that are negative, not finite or do not add up to 1 within 1e-6, or
        symbols that do not exist.

    References
    ----------
    Rabiner, A Tutorial on Hidden Markov Models and Selected Applications in Speech Recognition, Proceedings of the IEEE
    77(2), 1989, equations 19 and 20.

    Examples
    --------
    >>> log_alpha = forward([0.5, 0.5], [[0.9, 0.1], [0.2, 0.8]], [[0.7, 0.3], [0.4, 0.6]], [0, 1])
    >>> np.exp(log_alpha).round(4).tolist()
    [[0.35, 0.2], [0.1065, 0.117]]
    """
    log_start, log_transition, log_shown = _logs(start, transition, emission, observations)
    log_alpha = np.empty_like(log_shown)
    for t, shown in enumerate(log_shown):
        arrive = log_start if t == 0 else _log_sum(log_alpha[t - 1][:, None] + log_transition, axis=0)
        log_alpha[t] = arrive + shown
    return log_alpha


def backward(transition, emission, observations):
    """Log-probability of the observations after each time, given the state at that time.

    ``log_beta[t, i] = log p(o_(t+1), ..., o_(T-1) | s_t = i)``, and 0 at the last time.

    Parameters
    ----------
    transition, emission, observations : array-like
        As for `forward`.

    Returns
    -------
    ndarray of shape (n_times, n_states), float64
        In nats; -inf where it is impossible.

    Raises
    ------
    ValueError
        As for `forward`.

    References
    ----------
    Rabiner 1989, equations 24 and 25.
    """
    _, log_transition, log_shown = _logs(None, transition, emission, observations)
    log_beta = np.zeros_like(log_shown)
    for t in range(len(log_shown) - 2, -1, -1):
        log_beta[t] = _log_sum(log_transition + log_shown[t + 1] + log_beta[t + 1], axis=1)
    return log_beta


def log_likelihood(start, transition, emission, observations):
    """Log-probability of all observations.

    Parameters
    ----------
    start, transition, emission, observations : array-like
        As for `forward`.

    Returns
    -------
    float
        In nats; -inf for observations that are impossible, 0 for none.

    Raises
    ------
    ValueError
        As for `forward`.
    """
    log_alpha = forward(start, transition, emission, observations)
    return float(_log_sum(log_alpha[-1], axis=0)) if len(log_alpha) else 0.0


def posterior(start, transition, emission, observations):
    """Probability of each state at each time, given all observations.

    Parameters
    ----------
    start, transition, emission, observations : array-like
        As for `forward`.

    Returns
    -------
    ndarray of shape (n_times, n_states), float64
        Probabilities; each row adds up to 1.

    Raises
    ------
    ValueError
        As for `forward`, or observations that are impossible.

    References
    ----------
    Rabiner 1989, equation 27.
    """
    joint = forward(start, transition, emission, observations) + backward(transition, emission, observations)
    total = _log_sum(joint, axis=1)
    if not np.isfinite(total).all():
        raise ValueError("the model cannot show these observations")
    return np.exp(joint - total[:, None])


def viterbi(start, transition, emission, observations):
    """The most likely sequence of states, and its log-probability together with the observations.

    Of several sequences the one with the lowest last state is taken, of those the one with the lowest state before it,
    and so on to the front; log-probabilities that differ by at most 1e-9 count as equal.

    Parameters
    ----------
    start, transition, emission, observations : array-like
        As for `forward`.

    Returns
    -------
    path : ndarray of shape (n_times,), int64
    log_probability : float
        ``log p(path, observations)`` in nats.

    Raises
    ------
    ValueError
        As for `forward`, or observations that are impossible.

    References
    ----------
    Rabiner 1989, equations 32 to 35.
    """
    log_start, log_transition, log_shown = _logs(start, transition, emission, observations)
    n_times, n_states = log_shown.shape
    path, come_from = np.zeros(n_times, dtype=np.int64), np.zeros((n_times, n_states), dtype=np.int64)
    if not n_times:
        return path, 0.0
    best = log_start + log_shown[0]
    for t in range(1, n_times):
        arrive = best[:, None] + log_transition
        come_from[t] = _first_best(arrive)
        best = arrive[come_from[t], np.arange(n_states)] + log_shown[t]
    path[-1] = _first_best(best)
    if best[path[-1]] == -np.inf:
        raise ValueError("the model cannot show these observations")
    for t in range(n_times - 1, 0, -1):
        path[t - 1] = come_from[t, path[t]]
    return path, float(best[path[-1]])


def _logs(start, transition, emission, observations):
    """Logs of start and transition, and for each time those of what is shown, (n_times, n_states)."""
    transition, emission = np.asarray(transition, dtype=np.float64), np.asarray(emission, dtype=np.float64)
    n_states = len(transition) if transition.ndim == 2 else 0
    start = np.full(n_states, 1 / max(n_states, 1)) if start is None else np.asarray(start, dtype=np.float64)
    if not n_states or transition.shape != (n_states, n_states) or start.shape != (n_states,):
        raise ValueError(f"shapes do not fit: start {start.shape}, transition {transition.shape}")
    if emission.ndim != 2 or len(emission) != n_states:
        raise ValueError(f"emission must have {n_states} rows, found shape {emission.shape}")
    for name, table in (("start", start), ("transition", transition), ("emission", emission)):
        if not (table >= 0).all() or not (np.abs(table.sum(axis=-1) - 1) <= 1e-6).all():
            raise ValueError(f"{name} must hold probabilities that add up to 1")
    symbols = np.asarray(observations)
    if symbols.ndim != 1 or (symbols.size and symbols.dtype.kind not in "iu"):
        raise ValueError(f"observations must be a sequence of integers, found shape {symbols.shape}")
    if symbols.size and not (symbols.min() >= 0 and symbols.max() < emission.shape[1]):
        raise ValueError(f"observations must be from 0 to {emission.shape[1] - 1}")
    with np.errstate(divide="ignore"):
        return np.log(start), np.log(transition), np.log(emission).T[symbols.astype(np.int64)]


def _log_sum(values, axis):
    top = values.max(axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)  # -inf less -inf would be NaN
    with np.errstate(divide="ignore"):
        return np.log(np.exp(values - top).sum(axis=axis)) + top.squeeze(axis)


def _first_best(values):
    enough = values.max(axis=0) - _TIE
    return np.argmax(values >= enough, axis=0)
