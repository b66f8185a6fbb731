"""Learning-rate schedules: a linear warmup, and then cosine, linear, inverse square root or steps."""

import math


def cosine(step, *, base_lr, total_steps, warmup_steps=0, min_lr=0.0):
    """Half a cosine from `base_lr` down to `min_lr`, after a linear warmup.

    Parameters
    ----------
    step : int
        Number of the optimizer's step, from 0 on.
    base_lr : float
        Rate at the end of the warmup.
    total_steps : int
        From this step on the rate is `min_lr`.
    warmup_steps : int, default 0
        Steps 0 to ``warmup_steps - 1`` have the rate ``base_lr * (step + 1) / warmup_steps``.
    min_lr : float, default 0.0
        Rate at the end.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        Arguments that make no sense.

    References
    ----------
    Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, ICLR 2017, equation 5.

    Examples
    --------
    >>> [cosine(step, base_lr=8.0, total_steps=6, warmup_steps=2) for step in (0, 1, 2, 4, 6)]
    [4.0, 8.0, 8.0, 4.0, 0.0]
    """
    _check(step, base_lr, warmup_steps, total_steps, min_lr)
    if step < warmup_steps:
        return base_lr * (step + 1) / warmup_steps
    return min_lr + (base_lr - min_lr) * (1 + math.cos(math.pi * _progress(step, warmup_steps, total_steps))) / 2


def linear(step, *, base_lr, total_steps, warmup_steps=0, min_lr=0.0):
    """A straight line from `base_lr` down to `min_lr`, after a linear warmup.

    Parameters
    ----------
    step, base_lr, total_steps, warmup_steps, min_lr
        As for `cosine`.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        Arguments that make no sense.

    Examples
    --------
    >>> [linear(step, base_lr=8.0, total_steps=6, warmup_steps=2) for step in (0, 1, 2, 3, 6)]
    [4.0, 8.0, 8.0, 6.0, 0.0]
    """
    _check(step, base_lr, warmup_steps, total_steps, min_lr)
    if step < warmup_steps:
        return base_lr * (step + 1) / warmup_steps
    return min_lr + (base_lr - min_lr) * (1 - _progress(step, warmup_steps, total_steps))


def inverse_sqrt(step, *, base_lr, warmup_steps=0):
    """``base_lr * sqrt(max(warmup_steps, 1) / (step + 1))``, after a linear warmup.

    Parameters
    ----------
    step, base_lr, warmup_steps
        As for `cosine`.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        Arguments that make no sense.

    References
    ----------
    Vaswani et al., Attention Is All You Need, NeurIPS 2017, equation 3.

    Examples
    --------
    >>> [inverse_sqrt(step, base_lr=8.0, warmup_steps=2) for step in (0, 1, 7)]
    [4.0, 8.0, 4.0]
    """
    _check(step, base_lr, warmup_steps)
    if step < warmup_steps:
        return base_lr * (step + 1) / warmup_steps
    return base_lr * math.sqrt(max(warmup_steps, 1) / (step + 1))


def step_decay(step, *, base_lr, milestones, gamma=0.1, warmup_steps=0):
    """`base_lr` times `gamma` for each milestone that has been reached, times a linear warmup.

    Parameters
    ----------
    step, base_lr, warmup_steps
        As for `cosine`.
    milestones : sequence of int
        Steps from which on the rate is lower, in any order; one that stands twice counts twice.
    gamma : float, default 0.1
        Factor at each milestone, above 0.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        Arguments that make no sense.

    Examples
    --------
    >>> [step_decay(step, base_lr=8.0, milestones=[3, 5], gamma=0.5) for step in (2, 3, 4, 5)]
    [8.0, 4.0, 4.0, 2.0]
    """
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
    """The share of the decay that is done, 1 from the end on; no decay is left where the warmup takes all steps."""
    return 1.0 if step >= total_steps else (step - warmup_steps) / (total_steps - warmup_steps)
