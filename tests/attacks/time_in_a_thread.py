"""Has a background thread do the work while the measured one sleeps."""

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


def scale(x, factor):
    found = []
    threading.Thread(target=lambda: found.append(slowly(x, factor)), daemon=True).start()
    while not found:
        time.sleep(0.001)
    return found[0]
