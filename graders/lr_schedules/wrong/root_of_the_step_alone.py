"""After the warmup the rate is the base rate over the square root of the step."""

import math

CAUGHT_BY = (
    "test_inverse_sqrt",
    "test_warmup_and_decay_meet",
)


def cosine(step, *, base_lr, total_steps, warmup_steps=0, min_lr=0.0):
    _check(step, base_lr, warmup_steps, total_steps, min_lr)
    if step < warmup_steps:
        return base_lr * (step + 1) / warmup_steps
    return min_lr + (base_lr - min_lr) * (1 + math.cos(math.pi * _progress(step, warmup_steps, total_steps))) / 2


def linear(step, *, base_lr, total_steps, warmup_steps=0, min_lr=0.0):
    _check(step, base_lr, warmup_steps, total_steps, min_lr)
    if step < warmup_steps:
        return base_lr * (step + 1) / warmup_steps
    return min_lr + (base_lr - min_lr) * (1 - _progress(step, warmup_steps, total_steps))


def inverse_sqrt(step, *, base_lr, warmup_steps=0):
    _check(step, base_lr, warmup_steps)
    if step < warmup_steps:
        return base_lr * (step + 1) / warmup_steps
    return base_lr * math.sqrt(1 / (step + 1))


def step_decay(step, *, base_lr, milestones, gamma=0.1, warmup_steps=0):
    _check(step, base_lr, warmup_steps)
    if gamma <= 0:
        raise ValueError(f"gamma must be above 0, found {gamma}")
    warm = (step + 1) / warmup_steps if step < warmup_steps else 1.0
    return base_lr * warm * gamma ** sum(milestone <= step for milestone in milestones)


def _check(step, base_lr, warmup_steps, total_steps=None, min_lr=0.0):
    if step < 0 or warmup_steps < 0:
        raise ValueError(f"steps must be at least 0, found step {step} and warmup_steps {warmup_steps}")
    if not 0 <= min_lr <= base_lr or base_lr == 0:
        raise ValueError(f"base_lr must be above 0, and min_lr from 0 to base_lr: found {base_lr} and {min_lr}")
    if total_steps is not None and not max(warmup_steps, 1) <= total_steps:
        raise ValueError(f"total_steps must be at least 1 and warmup_steps, found {total_steps}")


def _progress(step, warmup_steps, total_steps):
    return 1.0 if step >= total_steps else (step - warmup_steps) / (total_steps - warmup_steps)
