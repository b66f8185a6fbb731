"""Returns an array of more bytes than an answer may have, and lists of millions of numbers."""

import numpy as np


def scale(x, factor):
    return np.ones(20_000_000) if x.size % 2 else [0] * 5_000_000
