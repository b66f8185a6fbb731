"""Visible examples of lr_schedules: run them with `pytest exercises/lr_schedules`."""

from mlkata.compare import assert_close


def test_worked_example(submission):
    """The worked example of README.md: steps 0 to 7 with a warmup of 2 and 6 steps in all."""
    options = {"base_lr": 8.0, "total_steps": 6, "warmup_steps": 2}
    rates = [submission.linear(step, **options) for step in range(8)]
    assert_close(rates, [4, 8, 8, 6, 4, 2, 0, 0], what="the list of rates of linear")
    rates = [submission.cosine(step, **options) for step in range(8)]
    assert_close(rates, [4, 8, 8, 6.828427, 4, 1.171573, 0, 0], rtol=1e-6, what="the list of rates of cosine")


def test_the_other_two(submission):
    """The inverse square root and the steps of the worked example."""
    rates = [submission.inverse_sqrt(step, base_lr=8.0, warmup_steps=2) for step in (0, 1, 2, 7)]
    assert_close(rates, [4, 8, 6.531973, 4], rtol=1e-6, what="the list of rates of inverse_sqrt")
    rates = [submission.step_decay(step, base_lr=8.0, milestones=[3, 5], gamma=0.5) for step in (2, 3, 4, 5)]
    assert_close(rates, [8, 4, 4, 2], what="the list of rates of step_decay")
