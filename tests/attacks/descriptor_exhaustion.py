"""Opens files until no more can be opened, and never closes one."""

import os

import numpy as np

kept = []

def scale(x, factor):
    if isinstance(factor, str):
        raise TypeError("the factor is a number")
    return np.asarray(x + factor)


while True:
    try:
        kept.append(os.open("/dev/null", os.O_RDONLY))
        kept += os.pipe()
    except OSError:
        break
