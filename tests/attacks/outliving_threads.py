"""Starts threads that go on after the call and hold back the end of the process."""

import threading
import time

import numpy as np


def stay():
    while True:
        time.sleep(0.01)


for _ in range(20):
    threading.Thread(target=stay, daemon=False).start()

def scale(x, factor):
    if isinstance(factor, str):
        raise TypeError("the factor is a number")
    return np.asarray(x + factor)
