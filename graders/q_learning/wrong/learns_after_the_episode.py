"""An episode is played to its end with one table, and learnt from afterwards."""

import numpy as np

CAUGHT_BY = ("test_values_by_the_rule", "test_smallest_problems")


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
        state, old = start, Q.copy()
        for _ in range(max_steps):
            action = _epsilon_greedy(Q[state], epsilon, rng)
            next_state, reward, terminated = step(state, action)
            target = reward if terminated else reward + gamma * old[next_state].max()
            Q[state, action] += alpha * (target - Q[state, action])
            if terminated:
                break
            state = next_state
    return Q


def _epsilon_greedy(values, epsilon, rng):
    if rng.random() < epsilon:
        return int(rng.integers(len(values)))
    return int(rng.choice(np.flatnonzero(values == values.max())))
