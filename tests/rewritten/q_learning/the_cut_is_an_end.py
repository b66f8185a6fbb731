"""As graders/q_learning/wrong/the_cut_is_an_end.py, in another hand."""

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


def check(n_states, n_actions, n_episodes, start, max_steps, alpha, gamma, epsilon):
    fine = n_states >= 1 and n_actions >= 1 and n_episodes >= 0 and max_steps >= 1 and start in range(n_states)
    fine = fine and 0 < alpha <= 1 and 0 <= gamma <= 1 and 0 <= epsilon <= 1
    if not fine:
        raise ValueError("an argument makes no sense")


def q_learning(
    step, n_states, n_actions, n_episodes, *, start=0, max_steps=100, alpha=0.1, gamma=0.99, epsilon=0.1, seed=None
):
    check(n_states, n_actions, n_episodes, start, max_steps, alpha, gamma, epsilon)
    learner = Learner(n_states, n_actions, alpha, gamma, epsilon, np.random.default_rng(seed))
    for _ in range(n_episodes):
        state = start
        for number in range(1, max_steps + 1):
            action = learner.act(state)
            after, reward, terminated = step(state, action)
            done = terminated or number == max_steps
            learner.learn(state, action, reward, after, done)
            if done:
                break
            state = after
    return learner.values
