"""As graders/lr_schedules/wrong/after_the_milestone.py, in another hand."""

import math


def _valid(step, base_lr, warmup_steps):
    if step < 0 or warmup_steps < 0:
        raise ValueError("steps are counted from 0")
    if base_lr <= 0:
        raise ValueError("base_lr must be positive")


def _valid_run(base_lr, total_steps, warmup_steps, min_lr):
    if total_steps < 1 or total_steps < warmup_steps:
        raise ValueError("the run is too short")
    if not 0 <= min_lr <= base_lr:
        raise ValueError("min_lr must be in [0, base_lr]")


def _ramp(step, warmup_steps):
    if step >= warmup_steps:
        return 1.0
    return (step + 1) / warmup_steps


def _left(step, total_steps, warmup_steps):
    if step >= total_steps:
        return 0.0
    return (total_steps - step) / (total_steps - warmup_steps)


def cosine(step, *, base_lr, total_steps, warmup_steps=0, min_lr=0.0):
    _valid(step, base_lr, warmup_steps)
    _valid_run(base_lr, total_steps, warmup_steps, min_lr)
    if step < warmup_steps:
        return base_lr * _ramp(step, warmup_steps)
    left = _left(step, total_steps, warmup_steps)
    share = math.sin(math.pi / 2 * left) ** 2
    return share * base_lr + (1 - share) * min_lr


def linear(step, *, base_lr, total_steps, warmup_steps=0, min_lr=0.0):
    _valid(step, base_lr, warmup_steps)
    _valid_run(base_lr, total_steps, warmup_steps, min_lr)
    if step < warmup_steps:
        return base_lr * _ramp(step, warmup_steps)
    left = _left(step, total_steps, warmup_steps)
    return left * base_lr + (1 - left) * min_lr


def inverse_sqrt(step, *, base_lr, warmup_steps=0):
    _valid(step, base_lr, warmup_steps)
    if step < warmup_steps:
        return base_lr * _ramp(step, warmup_steps)
    ratio = (warmup_steps or 1) / (step + 1)
    return base_lr * ratio**0.5


def step_decay(step, *, base_lr, milestones, gamma=0.1, warmup_steps=0):
    _valid(step, base_lr, warmup_steps)
    if gamma <= 0:
        raise ValueError("gamma must be positive")
    rate = base_lr * _ramp(step, warmup_steps)
    for milestone in milestones:
        if step > milestone:
            rate *= gamma
    return rate
