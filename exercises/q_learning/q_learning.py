"""Tabular Q-learning with an epsilon-greedy policy."""

import numpy as np


def q_learning(
    step, n_states, n_actions, n_episodes, *, start=0, max_steps=100, alpha=0.1, gamma=0.99, epsilon=0.1, seed=None
):
    """Action values learnt from episodes.

    After each step from state s by action a to s2 with reward r,
    ``Q[s, a] += alpha * (r + gamma * max(Q[s2]) - Q[s, a])``, without the term with gamma where the step terminated.

    Parameters
    ----------
    step : callable
        ``step(state, action)`` returns ``(next_state, reward, terminated)``; the next state has no meaning where
        `terminated` is true.
    n_states, n_actions : int
        States are 0 to n_states - 1, actions 0 to n_actions - 1.
    n_episodes : int
        Episodes to play, 0 or more.
    start : int, default 0
        The state in which every episode begins.
    max_steps : int, default 100
        Where an episode is cut off if it has not terminated; its last step is learnt from like any other.
    alpha : float, default 0.1
        Learning rate, above 0 and at most 1.
    gamma : float, default 0.99
        Discount, from 0 to 1.
    epsilon : float, default 0.1
        Probability of drawing the action uniformly from all; else it is a best one, ties drawn uniformly.
    seed : int, optional
        With the same one the result is the same. The state of numpy's global generator is neither used nor changed.

    Returns
    -------
    ndarray of shape (n_states, n_actions), float64
        Q, which began as zeros.

    Raises
    ------
    ValueError
        An argument is out of range; `step` is not called then.

    References
    ----------
    Watkins and Dayan, Q-learning, Machine Learning 8, 1992.

    Examples
    --------
    >>> def coin(state, action):
    ...     return 0, float(action), True
    >>> q_learning(coin, 1, 2, 1000, epsilon=1.0, seed=1).round(3).tolist()
    [[0.0, 1.0]]
    """
    raise NotImplementedError("implement q_learning")
