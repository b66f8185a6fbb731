"""As graders/lr_schedules/wrong/trusts_the_caller.py, in another hand."""

from bisect import bisect_right
from math import cos, pi, sqrt


def _annealed(shape, step, base_lr, total_steps, warmup_steps, min_lr):
    if step < warmup_steps:
        return base_lr * ((step + 1) / warmup_steps)
    if step >= total_steps:
        return float(min_lr)
    u = (step - warmup_steps) / (total_steps - warmup_steps)
    return min_lr + (base_lr - min_lr) * shape(u)


def cosine(step, *, base_lr, total_steps, warmup_steps=0, min_lr=0.0):
    return _annealed(lambda u: 0.5 + 0.5 * cos(u * pi), step, base_lr, total_steps, warmup_steps, min_lr)


def linear(step, *, base_lr, total_steps, warmup_steps=0, min_lr=0.0):
    return _annealed(lambda u: 1.0 - u, step, base_lr, total_steps, warmup_steps, min_lr)


def inverse_sqrt(step, *, base_lr, warmup_steps=0):
    if step < warmup_steps:
        return base_lr * ((step + 1) / warmup_steps)
    return base_lr * sqrt(max(1, warmup_steps)) / sqrt(step + 1)


def step_decay(step, *, base_lr, milestones, gamma=0.1, warmup_steps=0):
    passed = bisect_right(sorted(milestones), step)
    rate = base_lr * gamma**passed
    if step < warmup_steps:
        rate *= (step + 1) / warmup_steps
    return rate
