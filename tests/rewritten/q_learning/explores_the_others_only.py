"""As graders/q_learning/wrong/explores_the_others_only.py, in another hand."""

import numpy as np


class Learner:
    def __init__(self, n_states, n_actions, alpha, gamma, epsilon, rng):
        self.values = np.zeros((n_states, n_actions))
        self.alpha, self.gamma, self.epsilon, self.rng = alpha, gamma, epsilon, rng

    def act(self, state):
        row = self.values[state]
        noise = self.rng.permutation(row.size)
        best = int(noise[np.argmax(row[noise])])
        if self.rng.uniform() < self.epsilon and row.size > 1:
            return int(self.rng.choice([a for a in range(row.size) if a != best]))
        return best

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
        for _ in range(max_steps):
            action = learner.act(state)
            after, reward, terminated = step(state, action)
            learner.learn(state, action, reward, after, terminated)
            state = after
            if terminated:
                break
    return learner.values
