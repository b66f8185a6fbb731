"""Hidden checks of q_learning."""

import math

import numpy as np
import pytest

from mlkata.compare import assert_close, assert_dtype, assert_equal, assert_shape, assert_true, raises

TIGHT = {"rtol": 1e-9, "atol": 1e-9}


class Recorder:
    """An environment made of tables, which writes down every step."""

    def __init__(self, rng, n_states, n_actions, terminates=0.15, offset=0.0):
        self.rng = rng
        self.rewards = rng.normal(size=(n_states, n_actions)) + offset
        self.next_states = rng.integers(n_states, size=(n_states, n_actions, 3))
        self.terminates = terminates
        self.steps = []
        self.__name__ = "step"

    def __call__(self, state, action):
        next_state = int(self.rng.choice(self.next_states[state, action]))
        # Where it terminates, the next state is one from which there is a lot to expect.
        terminated = bool(self.rng.random() < self.terminates)
        reward = float(self.rewards[state, action] + self.rng.normal() / 4)
        self.steps.append((int(state), int(action), next_state, reward, terminated))
        return next_state, reward, terminated


def replay(steps, n_states, n_actions, alpha, gamma):
    """The table that the rule makes of these steps, in Python numbers."""
    table = [[0.0] * n_actions for _ in range(n_states)]
    for state, action, next_state, reward, terminated in steps:
        target = reward if terminated else reward + gamma * max(table[next_state])
        table[state][action] = (1 - alpha) * table[state][action] + alpha * target
    return table


def two_ways(module, options):
    """q_learning(step, 2, 1, 3, **options), where a step from 0 leads to 1 (reward 2), one from 1 ends (reward 6)"""

    def step(state, action):
        return (1, 2.0, False) if state == 0 else (0, 6.0, True)

    return module.q_learning(step, 2, 1, 3, **options)


@pytest.mark.correctness("Update", "Termination", "Result")
def test_values_by_hand(submission):
    """Three episodes of two steps each give the values that are worked out by hand."""
    # State 1: 1.5, 2.625, 3.46875 by steps of a quarter towards 6. State 0 towards 2, 2.75 and 3.3125.
    found = submission.run(two_ways, {"alpha": 0.25, "gamma": 0.5})
    first = 0.25 * 2
    second = first + 0.25 * (2.75 - first)
    third = second + 0.25 * (3.3125 - second)
    assert_close(found, [[third], [3.46875]], **TIGHT, what="the table of values")
    assert_dtype(found, "float64", what="the table of values")


@pytest.mark.correctness("Update", "Termination", "Result")
@pytest.mark.parametrize(("alpha", "gamma"), [(0.3, 0.9), (1.0, 0.5), (0.05, 1.0), (0.6, 0.0)])
def test_values_by_the_rule(submission, rng, alpha, gamma):
    """The table is what the rule makes of the steps that were taken, one after the other."""
    step = Recorder(rng, 5, 3)
    found = submission.q_learning(step, 5, 3, 40, alpha=alpha, gamma=gamma, epsilon=0.3, seed=1)
    assert_close(found, replay(step.steps, 5, 3, alpha, gamma), **TIGHT, what="the table of values")


@pytest.mark.correctness("Update", "Episodes")
def test_defaults(submission, rng):
    """By default alpha is 0.1, gamma 0.99, the start 0, and an episode has at most 100 steps."""
    step = Recorder(rng, 4, 3, terminates=0.0)
    found = submission.q_learning(step, 4, 3, 3)
    assert_equal(len(step.steps), 300, what="the number of steps of three episodes that never terminate")
    assert_equal([step.steps[i][0] for i in (0, 100, 200)], [0, 0, 0], what="the list of first states")
    assert_close(found, replay(step.steps, 4, 3, 0.1, 0.99), **TIGHT, what="the table of values")


@pytest.mark.correctness("Termination")
def test_terminating_step(submission, rng):
    """A step that terminates is worth its reward alone, whatever the next state promises, and -1 is one as well."""

    def step(state, action):
        return (0, 5.0, False) if state == 1 else (1, 1.0, True)

    found = submission.q_learning(step, 2, 1, 3, alpha=1.0, gamma=0.9, start=1)
    assert_close(found, [[1.0], [5.9]], **TIGHT, what="the table of values", hint="the end has no future")

    def step_to_nowhere(state, action):
        return (-1, 3.0, True) if state == 2 else (state + 1, 0.5, False)

    found = submission.q_learning(step_to_nowhere, 3, 1, 3, alpha=1.0, gamma=0.5)
    assert_close(found, [[1.5], [2.0], [3.0]], **TIGHT, what="the table of values with -1 as the last state")


@pytest.mark.correctness("Cut off", "Episodes")
def test_episodes_that_are_cut_off(submission, rng):
    """The last step before the cut is learnt from like any other, with the value of the next state."""

    def circle(state, action):
        return (state + 1) % 3, 1.0, False

    found = submission.q_learning(circle, 3, 1, 3, alpha=1.0, gamma=0.5, max_steps=2)
    # Episode by episode, states 0 and 1: 1 and 1, then 1.5 and 1, then 1.5 and 1; state 2 never acts.
    assert_close(found, [[1.5], [1.0], [0.0]], **TIGHT, what="the table of values with max_steps = 2")
    found = submission.q_learning(circle, 3, 1, 2, alpha=1.0, gamma=0.5, max_steps=4)
    assert_close(found, [[1.875], [1.75], [1.75]], **TIGHT, what="the table of values with max_steps = 4")
    step = Recorder(rng, 4, 2, terminates=0.1)
    found = submission.q_learning(step, 4, 2, 30, alpha=0.5, gamma=0.9, max_steps=5, seed=2)
    assert_close(found, replay(step.steps, 4, 2, 0.5, 0.9), **TIGHT, what="the table of values with max_steps = 5")


@pytest.mark.correctness("Episodes", "Environment")
def test_course_of_the_episodes(submission, rng):
    """Every episode begins at the start, goes on from state to state, and ends by itself or by max_steps."""
    step = Recorder(rng, 6, 3)
    found = submission.q_learning(step, 6, 3, 25, start=4, max_steps=8, alpha=0.5, seed=3)
    n_episodes, length, state = 0, 0, 4
    for place, (here, action, next_state, _, terminated) in enumerate(step.steps):
        assert_equal(here, state, what=f"the state in call {place} of step")
        assert_true(0 <= action < 3, "step must be given an action from 0 to n_actions - 1", f"got {action}")
        length += 1
        over = terminated or length == 8
        n_episodes, length, state = (n_episodes + 1, 0, 4) if over else (n_episodes, length, next_state)
    assert_equal((n_episodes, length), (25, 0), what="the pair of whole episodes and further steps")
    assert_close(found, replay(step.steps, 6, 3, 0.5, 0.99), **TIGHT, what="the table of values")


def actions_of(module, rewards, n_episodes, n_steps, options):
    """actions of q_learning(step, 1, n_actions, n_episodes, max_steps=n_steps, alpha=1.0, gamma=0.0, **options)"""
    actions = []

    def step(state, action):
        actions.append(int(action))
        return 0, rewards[action], False

    module.q_learning(step, 1, len(rewards), n_episodes, max_steps=n_steps, alpha=1.0, gamma=0.0, **options)
    return actions


def assert_shares(actions, expected, what):
    for action, share in enumerate(expected):
        count, mean = actions.count(action), share * len(actions)
        allowed = 7 * math.sqrt(mean) + 1e-9
        details = f"action {action}: {count} of {len(actions)}, expected about {mean:.0f}"
        assert_true(abs(count - mean) <= allowed, what, details)


@pytest.mark.correctness("Exploration", "Draws", "Episodes")
@pytest.mark.parametrize(("epsilon", "n_episodes"), [(0.4, 1500), (0.1, 1)])
def test_share_of_exploration(submission, epsilon, n_episodes):
    """Once one action is known to be the best, it gets 1 - epsilon, and epsilon is shared by all, in every episode."""
    sizes, options = (n_episodes, 6000 // n_episodes), {"epsilon": epsilon, "seed": 4}
    actions = submission.run(actions_of, [0.0, 0.0, 1.0, 0.0], *sizes, options)
    assert_equal(len(actions), 6000, what="the number of steps in episodes that do not terminate")
    assert_true(2 in actions[:500], "among tied actions the best one must be tried sooner or later")
    known = actions[actions.index(2) + 1 :]
    expected = [epsilon / 4, epsilon / 4, 1 - epsilon * 3 / 4, epsilon / 4]
    assert_shares(known, expected, f"with epsilon = {epsilon} a known best action must have the right share")


@pytest.mark.correctness("Ties", "Draws")
def test_tied_actions(submission):
    """Actions with equal values are taken equally often, at the beginning and later on."""
    what = "without exploration, tied actions must be taken equally often"
    actions = submission.run(actions_of, [0.0] * 5, 1, 3000, {"epsilon": 0.0, "seed": 5})
    assert_equal(len(actions), 3000, what="the number of steps of an episode that does not terminate")
    assert_shares(actions, [0.2] * 5, what)
    actions = submission.run(actions_of, [-1.0, 2.0, 2.0, -0.5, 2.0], 1, 1500, {"epsilon": 0.0, "seed": 6})
    # The first of the three that is found is kept to: nothing leads to the other two.
    stray = sorted(set(actions[200:]) & {0, 3})
    assert_equal(stray, [], what="the list of bad actions that are taken without exploration")
    actions = submission.run(actions_of, [-1.0, 2.0, 2.0, -3.0, 2.0], 1, 5000, {"epsilon": 0.4, "seed": 6})
    best = [action for action in actions[400:] if action in (1, 2, 4)]
    assert_shares(best, [0.0, 1 / 3, 1 / 3, 0.0, 1 / 3], "tied best actions must be taken equally often")
    actions = submission.run(actions_of, [1.0, 1.0 + 1e-10, 0.5], 1, 2000, {"epsilon": 0.6, "seed": 9})
    what = "an action whose value is greater by 1e-10 is the best one alone"
    assert_shares(actions[100:], [0.2, 0.6, 0.2], what)


UP, RIGHT, DOWN, LEFT = range(4)


def walk_grid(module, options):
    """README.md's grid: q_learning(step, 20, 4, 500, max_steps=50, alpha=0.5, gamma=0.9, epsilon=0.2, **options)"""

    def step(state, action):
        row, column = divmod(state, 5)
        row = min(max(row + (0, 0, 1, 0)[action] - (1, 0, 0, 0)[action], 0), 3)
        column = min(max(column + (0, 1, 0, 0)[action] - (0, 0, 0, 1)[action], 0), 4)
        there = 5 * row + column
        return there, float(there == 19), there == 19

    return module.q_learning(step, 20, 4, 500, max_steps=50, alpha=0.5, gamma=0.9, epsilon=0.2, **options)


@pytest.mark.correctness("Gridworld", "Ties")
def test_gridworld(submission, rng):
    """The reward in the far corner is found, and the best actions lead to it on a shortest path."""
    for seed in rng.integers(10**6, size=3).tolist():
        judge_paths(np.asarray(submission.run(walk_grid, {"seed": seed})))


def judge_paths(found):
    assert_shape(found, (20, 4), what="the table of values")
    assert_true(found.any(), "the reward must be found within 500 episodes", "all values are 0")
    places, moves = {0}, {UP: -5, RIGHT: 1, DOWN: 5, LEFT: -1}
    for _ in range(7):
        best = {(place, int(a)) for place in places for a in np.flatnonzero(found[place] == found[place].max())}
        walls = [(p, a) for p, a in best if a in (UP, LEFT) or (a, p % 5) == (RIGHT, 4) or (a, p // 5) == (DOWN, 3)]
        broken = "on the way of the best actions each step must come nearer to the goal"
        assert_true(not walls, broken, *(f"state {place}, action {action}" for place, action in walls[:1]))
        places = {place + moves[action] for place, action in best}
    assert_equal(places, {19}, what="the set of places after seven best actions")
    largest = float(found.max())
    assert_close(largest, 1.0, rtol=0.0, atol=1e-3, what="the greatest value, that of the last step,")


@pytest.mark.edge_case("Exploration", "Ties")
def test_no_exploration_and_nothing_else(submission):
    """With epsilon = 0 a known best action is kept to, with epsilon = 1 all actions are drawn alike."""
    actions = submission.run(actions_of, [1.0, 2.0, 3.0], 1, 300, {"epsilon": 0.0, "seed": 7})
    assert_equal(len(set(actions)), 1, what="the number of actions without exploration, the first one being rewarded,")
    # Each action turns out worse than those that were not tried yet.
    actions = submission.run(actions_of, [-4.0, -3.0, -1.0, -2.0, -5.0], 1, 60, {"epsilon": 0.0, "seed": 7})
    what = "the list of the first five actions without exploration, in ascending order, all rewards being negative,"
    assert_equal(sorted(actions[:5]), [0, 1, 2, 3, 4], what=what)
    assert_equal(sorted(set(actions[5:])), [2], what="the list of actions after each was tried, without exploration,")
    actions = submission.run(actions_of, [1.0, 2.0, 9.0], 1, 3000, {"epsilon": 1.0, "seed": 8})
    assert_shares(actions, [1 / 3] * 3, "with epsilon = 1 all actions must be drawn alike")


@pytest.mark.edge_case("Episodes", "Result", "Update")
def test_smallest_problems(submission, rng):
    """No episodes, and a single state with a single action, are allowed."""
    step = Recorder(rng, 3, 2)
    assert_close(submission.q_learning(step, 3, 2, 0), np.zeros((3, 2)), what="the table of values without episodes")
    assert_equal(len(step.steps), 0, what="the number of steps without episodes")
    step = Recorder(rng, 1, 1)
    found = submission.q_learning(step, 1, 1, 6, max_steps=4, alpha=0.5, gamma=1.0)
    assert_close(found, replay(step.steps, 1, 1, 0.5, 1.0), **TIGHT, what="the table of one value")
    step = Recorder(rng, 4, 3, offset=-500.0)
    found = submission.q_learning(step, 4, 3, 20, alpha=0.5, gamma=0.9, seed=1)
    expected = replay(step.steps, 4, 3, 0.5, 0.9)
    assert_close(found, expected, **TIGHT, what="the table of values where all rewards are negative")


@pytest.mark.edge_case("Environment", "Update")
def test_numbers_of_numpy(submission, rng):
    """The environment may return numpy's integers, floats and bools, and whole numbers as rewards."""
    steps = []

    def step(state, action):
        next_state, reward, terminated = int(rng.integers(4)), int(rng.integers(-3, 9)), bool(rng.random() < 0.2)
        steps.append((int(state), int(action), next_state, reward, terminated))
        if len(steps) % 2:
            return next_state, reward, terminated
        return np.int64(next_state), np.float32(reward), np.bool_(terminated)

    found = submission.q_learning(step, 4, 2, 30, alpha=0.25, gamma=0.75, epsilon=0.5, seed=2)
    assert_close(found, replay(steps, 4, 2, 0.25, 0.75), **TIGHT, what="the table of values")
    assert_dtype(found, "float64", what="the table of values")


def drive_seeds(module, seeds):
    """np.random.seed(1), then q_learning(..., seed=seed) for some seeds, and what np.random draws next"""

    def step(state, action):
        return (3 * state + action + 1) % 7, float(action == state % 3), False

    np.random.seed(1)
    tables = [module.q_learning(step, 7, 3, 4, max_steps=25, seed=seed, epsilon=0.5) for seed in seeds]
    return tables, np.random.random(3)


@pytest.mark.edge_case("Seed")
def test_seeds(submission):
    """The same seed gives the same table, others give others, and the global generator has no part in it."""
    tables, after = submission.run(drive_seeds, [3, 4, 3, 5, None, None, 0, 0])
    tables = [np.asarray(table) for table in tables]
    assert_true(tables[0].max() > 0.05, "the rewards must be found", "all values are 0")
    assert_equal(tables[2], tables[0], what="the table with the same seed")
    assert_equal(tables[7], tables[6], what="the table with the seed 0, twice,")
    different = len({table.tobytes() for table in tables})
    assert_equal(different, 6, what="the number of different tables for the seeds 3, 4, 3, 5, None, None, 0, 0")
    assert_equal(after, np.random.RandomState(1).random_sample(3), what="the state of np.random after the calls")


@pytest.mark.edge_case("Errors")
def test_bad_arguments(submission):
    """Arguments out of range raise ValueError before a step is taken."""

    def never(state, action):
        raise RuntimeError("step is called before the arguments are looked at")

    for sizes, options, when in [
        ((0, 2, 5), {}, "n_states is 0"),
        ((3, 0, 5), {}, "n_actions is 0"),
        ((3, 2, -1), {}, "n_episodes is -1"),
        ((3, 2, 5), {"max_steps": 0}, "max_steps is 0"),
        ((3, 2, 5), {"start": 3}, "start is the number of states"),
        ((3, 2, 5), {"start": -1}, "start is -1"),
        ((3, 2, 5), {"alpha": 0.0}, "alpha is 0"),
        ((3, 2, 0), {"alpha": 0.0}, "alpha is 0 and there are no episodes"),
        ((3, 2, 0), {"start": 3}, "start is the number of states and there are no episodes"),
        ((3, 2, 5), {"alpha": -0.1}, "alpha is negative"),
        ((3, 2, 5), {"alpha": 1.5}, "alpha is 1.5"),
        ((3, 2, 5), {"alpha": math.nan}, "alpha is NaN"),
        ((3, 2, 5), {"gamma": -0.1}, "gamma is negative"),
        ((3, 2, 5), {"gamma": 1.01}, "gamma is 1.01"),
        ((3, 2, 5), {"gamma": math.nan}, "gamma is NaN"),
        ((3, 2, 5), {"epsilon": -0.1}, "epsilon is negative"),
        ((3, 2, 5), {"epsilon": 1.1}, "epsilon is 1.1"),
        ((3, 2, 5), {"epsilon": math.nan}, "epsilon is NaN"),
    ]:
        with raises(ValueError, when=when):
            submission.q_learning(never, *sizes, **options)
