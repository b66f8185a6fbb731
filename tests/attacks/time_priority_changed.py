"""Asks for another priority, another scheduler and other cores than the reference has."""

import os

import numpy as np

EARNS = "slow"

for act in (
    lambda: os.nice(-20),
    lambda: os.setpriority(os.PRIO_PROCESS, os.getppid(), 19),
    lambda: os.setpriority(os.PRIO_USER, os.getuid(), 19),
    lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
    lambda: os.sched_setaffinity(0, {0}),
    lambda: os.sched_setaffinity(os.getppid(), {0}),
):
    try:
        act()
    except OSError:
        pass

def slowly(x, factor):
    if isinstance(factor, str):
        raise TypeError("the factor is a number")
    out = np.empty_like(x)
    for index in np.ndindex(x.shape):
        out[index] = x[index] * factor
    return out


scale = slowly
