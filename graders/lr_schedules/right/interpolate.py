"""Numpy interpolation of the line, the cosine as a squared half angle, and the smaller of two curves for the root."""

import numpy as np


def _share(step, base_lr, total_steps, warmup_steps, min_lr):
    ok = step >= 0 and warmup_steps >= 0 and base_lr > 0 and total_steps >= 1
    if not (ok and warmup_steps <= total_steps and 0 <= min_lr <= base_lr):
        raise ValueError("argument out of range")
    if step >= total_steps:
        return np.float64(0.0)
    return np.interp(step, [warmup_steps, total_steps], [1.0, 0.0])


def cosine(step, *, base_lr, total_steps, warmup_steps=0, min_lr=0.0):
    left = _share(step, base_lr, total_steps, warmup_steps, min_lr)
    if step < warmup_steps:
        return np.float64(base_lr) / warmup_steps * (step + 1)
    return min_lr + (base_lr - min_lr) * np.sin(np.pi / 2 * left) ** 2


def linear(step, *, base_lr, total_steps, warmup_steps=0, min_lr=0.0):
    left = _share(step, base_lr, total_steps, warmup_steps, min_lr)
    if step < warmup_steps:
        return np.float64(base_lr) / warmup_steps * (step + 1)
    return left * base_lr + (1 - left) * min_lr


def inverse_sqrt(step, *, base_lr, warmup_steps=0):
    if step < 0 or warmup_steps < 0 or base_lr <= 0:
        raise ValueError("argument out of range")
    at = float(step + 1)
    width = float(warmup_steps or 1)
    return base_lr * width**0.5 * min(at**-0.5, at * width**-1.5)


def step_decay(step, *, base_lr, milestones, gamma=0.1, warmup_steps=0):
    if step < 0 or warmup_steps < 0 or base_lr <= 0 or gamma <= 0:
        raise ValueError("argument out of range")
    passed = int(np.searchsorted(np.sort(np.array(milestones, dtype=np.int64)), step, side="right"))
    warm = 1.0 if warmup_steps == 0 else np.clip((step + 1) / warmup_steps, 0.0, 1.0)
    return np.array(base_lr * np.power(float(gamma), passed) * warm)
