"""Visible examples of bayesian_optimization: run them with `pytest exercises/bayesian_optimization`."""

from mlkata.compare import assert_close, assert_true


def test_posterior_of_the_worked_example(submission):
    """The worked example of README.md: one noisy value, a point there and one far away."""
    mean, std = submission.gp_posterior([[0.0]], [2.0], [[0.0], [9.0]], noise=1.0)
    assert_close(mean, [1.0, 0.0], atol=1e-6, what="the mean")
    assert_close(std, [0.707107, 1.0], atol=1e-6, what="the deviation")


def test_improvement_of_the_worked_example(submission):
    """The worked example of README.md: the point that is less known promises more."""
    assert_close(submission.expected_improvement([1.0, 0.0], [0.5**0.5, 1.0], 0.5), [0.099819, 0.697797], atol=1e-6)


def test_one_dimension(submission):
    """The lowest point of a parabola is nearly found in fifteen calls."""

    def parabola(x):
        return float((x[0] - 30) ** 2)

    x, value = submission.minimize(parabola, [(0, 100)], n_calls=15, seed=0)
    assert_close(value, (x[0] - 30) ** 2)
    assert_true(abs(x[0] - 30) < 5, "the point must lie near 30", f"got {x}")
