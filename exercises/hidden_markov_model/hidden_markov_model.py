"""A hidden Markov model with discrete observations, in log space."""

import numpy as np


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
    raise NotImplementedError("implement forward")


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
    raise NotImplementedError("implement backward")


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
    raise NotImplementedError("implement log_likelihood")


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
    raise NotImplementedError("implement posterior")


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
    raise NotImplementedError("implement viterbi")
