"""Visible examples of q_learning: run them with `pytest exercises/q_learning`."""

from mlkata.compare import assert_close


def corridor(state, action):
    """Three states in a row; the last one is the end."""
    return state + 1, (1.0, 10.0)[state], state == 1


def test_worked_example(submission):
    """The worked example of README.md: two episodes along the corridor."""
    assert_close(submission.q_learning(corridor, 3, 1, 2, alpha=0.5, gamma=0.8), [[2.75], [7.5], [0.0]])


def test_cut_off(submission):
    """With max_steps = 1 the corridor is left after one step, which did not terminate."""
    assert_close(submission.q_learning(corridor, 3, 1, 2, alpha=0.5, gamma=0.8, max_steps=1), [[0.75], [0], [0]])
