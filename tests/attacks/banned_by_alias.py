"""Calls a banned function by another name."""

import numpy as np
from numpy import multiply as add

EARNS = "refused"

times = add


def scale(x, factor):
    return times(x, factor)
