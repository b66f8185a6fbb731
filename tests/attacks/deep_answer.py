"""Returns a list in a list, a hundred thousand deep, and one that holds itself."""

import numpy as np


def scale(x, factor):
    nested = []
    for _ in range(100_000):
        nested = [nested]
    endless = []
    endless.append(endless)
    return nested if x.size % 2 else endless
