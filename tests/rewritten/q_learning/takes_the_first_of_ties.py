"""As graders/q_learning/wrong/takes_the_first_of_ties.py, in another hand."""

import random

import numpy as np


def q_learning(
    step, n_states, n_actions, n_episodes, *, start=0, max_steps=100, alpha=0.1, gamma=0.99, epsilon=0.1, seed=None
):
    if min(n_states, n_actions, max_steps) < 1:
        raise ValueError("n_states, n_actions and max_steps start at 1")
    if n_episodes < 0 or start < 0 or start >= n_states:
        raise ValueError("n_episodes or start")
    if not alpha > 0 or not alpha <= 1:
        raise ValueError("alpha")
    for rate in (gamma, epsilon):
        if not rate >= 0 or not rate <= 1:
            raise ValueError("gamma and epsilon lie between 0 and 1")
    dice = random.Random(None if seed is None else int(seed))
    table = [[0.0] * n_actions for _ in range(n_states)]
    for _ in range(n_episodes):
        here, over, taken = int(start), False, 0
        while not over and taken < max_steps:
            move = choose(table[here], epsilon, dice)
            there, reward, over = step(here, move)
            reward = float(reward)
            taken += 1
            future = 0.0 if over else max(table[there])
            table[here][move] += alpha * (reward + gamma * future - table[here][move])
            here = there
    return np.array(table, dtype=np.float64)


def choose(row, epsilon, dice):
    if dice.random() < epsilon:
        return dice.randrange(len(row))
    return row.index(max(row))
