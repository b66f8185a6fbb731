"""Visible examples of temperature_scaling: run them with `pytest exercises/temperature_scaling`."""

import math

import pytest
import torch

from mlkata.compare import assert_close


def drive_example(module, logits, targets):
    """scaler = TemperatureScaler().fit(logits, targets): its log_temperature, and scaler(logits)"""
    scaler = module.TemperatureScaler()
    scaler.fit(logits, targets)
    return scaler.log_temperature.detach(), scaler(logits).detach()


@pytest.mark.parametrize("factor", [2.0, 0.5])
def test_worked_example(submission, factor):
    """The worked example of README.md: too confident, and not confident enough."""
    logits = torch.tensor([[factor * math.log(3.0), 0.0]]).repeat(4, 1)
    log_t, scaled = submission.run(drive_example, logits, torch.tensor([0, 0, 0, 1]))
    assert_close(log_t, math.log(factor), atol=0.005, what="log_temperature")
    probabilities = torch.softmax(scaled, dim=1)
    assert_close(probabilities, [[0.75, 0.25]] * 4, atol=0.005, what="the array of scaled probabilities")
