"""As graders/q_learning/wrong/trusts_the_caller.py, in another hand."""

import numpy as np


class Learner:
    def __init__(self, n_states, n_actions, alpha, gamma, epsilon, rng):
        self.values = np.zeros((n_states, n_actions))
        self.alpha, self.gamma, self.epsilon, self.rng = alpha, gamma, epsilon, rng

    def act(self, state):
        row = self.values[state]
        if self.rng.uniform() < self.epsilon:
            return int(self.rng.integers(0, row.size))
        noise = self.rng.permutation(row.size)
        return int(noise[np.argmax(row[noise])])

    def learn(self, state, action, reward, after, terminated):
        target = float(reward)
        if not terminated:
            target += self.gamma * np.max(self.values[after])
        self.values[state, action] = (1 - self.alpha) * self.values[state, action] + self.alpha * target


def q_learning(
    step, n_states, n_actions, n_episodes, *, start=0, max_steps=100, alpha=0.1, gamma=0.99, epsilon=0.1, seed=None
):
    learner = Learner(n_states, n_actions, alpha, gamma, epsilon, np.random.default_rng(seed))
    for _ in range(n_episodes):
        state = start
        for _ in range(max_steps):
            action = learner.act(state)
            after, reward, terminated = step(state, action)
            learner.learn(state, action, reward, after, terminated)
            state = after
            if terminated:
                break
    return learner.values
