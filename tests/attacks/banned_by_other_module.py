"""Calls the banned function of another part of the same package."""

import numpy as np

EARNS = "refused"


def scale(x, factor):
    return np.ma.multiply(x, factor).data
