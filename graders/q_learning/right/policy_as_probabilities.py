"""The policy is a vector of probabilities, from which one uniform number picks; all of an episode's are drawn ahead."""

import numpy as np


def q_learning(
    step, n_states, n_actions, n_episodes, *, start=0, max_steps=100, alpha=0.1, gamma=0.99, epsilon=0.1, seed=None
):
    if n_states <= 0 or n_actions <= 0 or max_steps <= 0 or n_episodes < 0 or start < 0 or start >= n_states:
        raise ValueError("out of range")
    for rate in (alpha, gamma, epsilon):
        if np.isnan(rate) or rate < 0 or rate > 1:
            raise ValueError("out of range")
    if alpha == 0:
        raise ValueError("nothing would be learnt")
    rng = np.random.RandomState(seed)
    values = np.zeros(n_states * n_actions)
    for _ in range(n_episodes):
        here = start
        for number in rng.uniform(size=max_steps):
            row = values[here * n_actions : (here + 1) * n_actions]
            best = row == np.max(row)
            probability = epsilon / n_actions + (1 - epsilon) * best / best.sum()
            action = min(int(np.searchsorted(np.cumsum(probability), number, side="right")), n_actions - 1)
            there, reward, terminated = step(here, action)
            ahead = values.reshape(n_states, n_actions)[there].max()
            row[action] += alpha * (reward + gamma * ahead * (1 - bool(terminated)) - row[action])
            here = there
            if terminated:
                break
    return values.reshape(n_states, n_actions)
