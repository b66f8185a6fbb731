"""Keeps the machine busy while the reference is measured, so that the reference seems slow."""

import threading
import time

import numpy as np

EARNS = "slow"


def slowly(x, factor):
    if isinstance(factor, str):
        raise TypeError("the factor is a number")
    out = np.empty_like(x)
    for index in np.ndindex(x.shape):
        out[index] = x[index] * factor
    return out


def trouble():
    while True:
        np.random.bytes(1 << 22)
        time.sleep(0)


for _ in range(2):
    threading.Thread(target=trouble, daemon=True).start()
scale = slowly
