"""Takes a banned function with operator.attrgetter."""

import operator

import numpy as np

EARNS = "refused"


def scale(x, factor):
    return operator.attrgetter("multi" + "ply")(np)(x, factor)
