"""Lists of lists, the random module of the standard library, and a tie that is broken while the row is read."""

import random


def q_learning(
    step, n_states, n_actions, n_episodes, *, start=0, max_steps=100, alpha=0.1, gamma=0.99, epsilon=0.1, seed=None
):
    if min(n_states, n_actions, max_steps) < 1 or n_episodes < 0 or start not in range(n_states):
        raise ValueError("a number is out of range")
    if not alpha > 0 or alpha > 1 or not 0 <= gamma <= 1 or not 0 <= epsilon <= 1:
        raise ValueError("a rate is out of range")
    import numpy as np

    chance = random.Random(seed)
    table = [[0.0 for _ in range(n_actions)] for _ in range(n_states)]
    episode, state, length = 0, start, 0
    while episode < n_episodes:
        if chance.random() >= 1 - epsilon:
            action = chance.randrange(n_actions)
        else:
            action, n_tied = 0, 1
            for other in range(1, n_actions):
                if table[state][other] > table[state][action]:
                    action, n_tied = other, 1
                elif table[state][other] == table[state][action]:
                    n_tied += 1
                    if chance.randrange(n_tied) == 0:
                        action = other
        after, reward, over = step(state, action)
        future = 0.0 if over else max(table[after])
        table[state][action] = (1 - alpha) * table[state][action] + alpha * (float(reward) + gamma * future)
        length += 1
        state = after
        if over or length == max_steps:
            episode, state, length = episode + 1, start, 0
    return np.array(table)
