"""Takes a banned function by way of its own global names."""

import numpy as np

EARNS = "refused"


def scale(x, factor):
    return globals()["np"].multiply(x, factor)
