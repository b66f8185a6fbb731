"""Returns a range that is small on its way and fills all memory when it is gone through."""

import numpy as np


def scale(x, factor):
    return range(10**10)
