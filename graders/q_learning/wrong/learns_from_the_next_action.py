"""The target holds the value of the action that is taken next."""

import numpy as np

CAUGHT_BY = ("test_values_by_the_rule", "test_defaults")


def q_learning(
    step, n_states, n_actions, n_episodes, *, start=0, max_steps=100, alpha=0.1, gamma=0.99, epsilon=0.1, seed=None
):
    if n_states < 1 or n_actions < 1 or n_episodes < 0 or max_steps < 1 or not 0 <= start < n_states:
        raise ValueError("states, actions and steps are at least 1, episodes at least 0, and start is a state")
    if not (0 < alpha <= 1 and 0 <= gamma <= 1 and 0 <= epsilon <= 1):
        raise ValueError(f"out of range: alpha {alpha!r}, gamma {gamma!r} or epsilon {epsilon!r}")
    rng = np.random.default_rng(seed)
    Q = np.zeros((n_states, n_actions))
    for _ in range(n_episodes):
        state, action = start, _epsilon_greedy(Q[start], epsilon, rng)
        for _ in range(max_steps):
            next_state, reward, terminated = step(state, action)
            next_action = 0 if terminated else _epsilon_greedy(Q[next_state], epsilon, rng)
            target = reward if terminated else reward + gamma * Q[next_state, next_action]
            Q[state, action] += alpha * (target - Q[state, action])
            if terminated:
                break
            state, action = next_state, next_action
    return Q


def _epsilon_greedy(values, epsilon, rng):
    if rng.random() < epsilon:
        return int(rng.integers(len(values)))
    return int(rng.choice(np.flatnonzero(values == values.max())))
