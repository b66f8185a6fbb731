"""Visible examples of hidden_markov_model: run them with `pytest exercises/hidden_markov_model`."""

from mlkata.compare import assert_close, assert_equal

START, TRANSITION, EMISSION = [0.5, 0.5], [[0.9, 0.1], [0.2, 0.8]], [[0.7, 0.3], [0.4, 0.6]]


def test_worked_example_forward(submission):
    """Forward and likelihood of the worked example of README.md."""
    found = submission.forward(START, TRANSITION, EMISSION, [0, 1])
    assert_close(found, [[-1.0498221, -1.6094379], [-2.2396101, -2.1455813]], what="log_alpha")
    assert_close(submission.log_likelihood(START, TRANSITION, EMISSION, [0, 1]), -1.498344, what="the log-likelihood")


def test_worked_example_backward(submission):
    """Backward and posterior of the worked example of README.md."""
    found = submission.backward(TRANSITION, EMISSION, [0, 1])
    assert_close(found, [[-1.1086626, -0.6161861], [0.0, 0.0]], what="log_beta")
    found = submission.posterior(START, TRANSITION, EMISSION, [0, 1])
    assert_close(found[0], [0.516779, 0.483221], what="the posterior at the first time")


def test_worked_example_viterbi(submission):
    """The most likely sequence of the worked example of README.md."""
    path, log_probability = submission.viterbi(START, TRANSITION, EMISSION, [0, 1])
    assert_equal([int(state) for state in path], [1, 1], what="the path")
    assert_close(log_probability, -2.343407, what="the log-probability of the path")
