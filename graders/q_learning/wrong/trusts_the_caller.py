"""Whoever calls gives sensible rates and sizes."""

import numpy as np

CAUGHT_BY = ("test_bad_arguments",)


def q_learning(
    step, n_states, n_actions, n_episodes, *, start=0, max_steps=100, alpha=0.1, gamma=0.99, epsilon=0.1, seed=None
):
    rng = np.random.default_rng(seed)
    Q = np.zeros((n_states, n_actions))
    for _ in range(n_episodes):
        state = start
        for _ in range(max_steps):
            action = _epsilon_greedy(Q[state], epsilon, rng)
            next_state, reward, terminated = step(state, action)
            target = reward if terminated else reward + gamma * Q[next_state].max()
            Q[state, action] += alpha * (target - Q[state, action])
            if terminated:
                break
            state = next_state
    return Q


def _epsilon_greedy(values, epsilon, rng):
    if rng.random() < epsilon:
        return int(rng.integers(len(values)))
    return int(rng.choice(np.flatnonzero(values == values.max())))
