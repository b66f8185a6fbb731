"""Prints a gigabyte."""

import os
import sys

import numpy as np


def scale(x, factor):
    if isinstance(factor, str):
        raise TypeError("the factor is a number")
    return np.asarray(x + factor)


text = "passed " * (1 << 17)
for _ in range(1100):
    sys.stdout.write(text)
    os.write(2, text.encode())
