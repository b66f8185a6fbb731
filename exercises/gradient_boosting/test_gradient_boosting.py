"""Visible examples of gradient_boosting: run them with `pytest exercises/gradient_boosting`."""

from mlkata.compare import assert_close

X = [[1.0], [2.0], [3.0], [4.0]]


def boost(module, options, y):
    """GradientBoosting(**options), fitted to the rows of README.md: staged_raw(X) and train_loss_"""
    model = module.GradientBoosting(**options)
    model.fit(X, y)
    return model.staged_raw(X), model.train_loss_


def test_worked_example_squared_loss(submission):
    """Two stages of the worked example for squared loss."""
    staged, loss = submission.run(boost, {"n_stages": 2, "learning_rate": 0.5}, [0.0, 0.0, 4.0, 4.0])
    assert_close(
        staged, [[2.0] * 4, [1.0, 1.0, 3.0, 3.0], [0.5, 0.5, 3.5, 3.5]], what="the array of staged predictions"
    )
    assert_close(loss, [4.0, 1.0, 0.25], what="train_loss_")


def test_worked_example_log_loss(submission):
    """One stage of the worked example for log loss."""
    staged, _ = submission.run(boost, {"loss": "log", "n_stages": 1, "learning_rate": 1.0}, [0, 1, 1, 1])
    expected = [[1.098612] * 4, [-2.901388, 2.431946, 2.431946, 2.431946]]
    assert_close(staged, expected, what="the array of staged predictions")
