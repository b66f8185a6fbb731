"""Visible examples of early_stopping: run them with `pytest exercises/early_stopping`."""

import math

import torch

from mlkata.compare import assert_close, assert_equal


def follow(module, values, options):
    """EarlyStopping(**options).step(value, model) for each value, restore(model); the weight is the epoch"""
    model, stopper = torch.nn.Linear(1, 1), module.EarlyStopping(**options)
    answers = []
    for epoch, value in enumerate(values):
        torch.nn.init.constant_(model.weight, epoch)
        answers.append(bool(stopper.step(value, model)))
    stopper.restore(model)
    return answers, stopper.best_value, stopper.best_epoch, model.weight.item()


def test_worked_example(submission):
    """The worked example of README.md: an equal value and NaN are no improvement."""
    answers, value, epoch, weight = submission.run(follow, [0.9, 0.7, 0.8, 0.7, math.nan], {"patience": 3})
    assert_equal(answers, [False, False, False, False, True], what="the list of answers of step")
    assert_close(value, 0.7, what="best_value")
    assert_equal(epoch, 1, what="best_epoch")
    assert_close(weight, 1.0, what="the restored weight, which was set to the number of the epoch")


def test_accuracy_example(submission):
    """With mode="max" and min_delta=0.125 a gain of just 0.125 is no improvement."""
    options = {"patience": 2, "mode": "max", "min_delta": 0.125}
    answers, value, _, _ = submission.run(follow, [0.5, 0.625, 0.75, 0.875, 0.5], options)
    assert_equal(answers, [False, False, False, False, True], what="the list of answers of step")
    assert_close(value, 0.75, what="best_value")
