"""To explore is to take another action than the best."""

import numpy as np

CAUGHT_BY = ("test_share_of_exploration", "test_no_exploration_and_nothing_else")


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
        others = np.flatnonzero(values < values.max())
        return int(rng.choice(others if len(others) else len(values)))
    return int(rng.choice(np.flatnonzero(values == values.max())))
