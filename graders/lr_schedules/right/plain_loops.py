"""Early returns, one factor at a time, with exact fractions for the share."""

import math
from bisect import bisect_right
from fractions import Fraction


def _warm(step, base_lr, warmup_steps):
    if step < 0:
        raise ValueError("step")
    if warmup_steps < 0:
        raise ValueError("warmup_steps")
    if base_lr <= 0:
        raise ValueError("base_lr")
    if warmup_steps and step + 1 <= warmup_steps:
        return base_lr * float(Fraction(step + 1, warmup_steps))
    return None


def _decay(bend, step, base_lr, total_steps, warmup_steps, min_lr):
    if total_steps < 1 or total_steps < warmup_steps:
        raise ValueError("total_steps")
    if min_lr < 0 or min_lr > base_lr:
        raise ValueError("min_lr")
    rate = _warm(step, base_lr, warmup_steps)
    if rate is not None:
        return rate
    if step >= total_steps:
        return min_lr
    return base_lr - (base_lr - min_lr) * bend(Fraction(step - warmup_steps, total_steps - warmup_steps))


def cosine(step, *, base_lr, total_steps, warmup_steps=0, min_lr=0.0):
    def bend(u):
        return 0.5 - 0.5 * math.cos(math.pi * float(u))

    return _decay(bend, step, base_lr, total_steps, warmup_steps, min_lr)


def linear(step, *, base_lr, total_steps, warmup_steps=0, min_lr=0.0):
    return _decay(float, step, base_lr, total_steps, warmup_steps, min_lr)


def inverse_sqrt(step, *, base_lr, warmup_steps=0):
    rate = _warm(step, base_lr, warmup_steps)
    if rate is None:
        rate = base_lr / math.sqrt((step + 1) / (warmup_steps if warmup_steps > 0 else 1))
    return rate


def step_decay(step, *, base_lr, milestones, gamma=0.1, warmup_steps=0):
    if gamma <= 0:
        raise ValueError("gamma")
    rate = _warm(step, base_lr, warmup_steps)
    if rate is None:
        rate = base_lr
    for _ in range(bisect_right(sorted(milestones), step)):
        rate *= gamma
    return rate
