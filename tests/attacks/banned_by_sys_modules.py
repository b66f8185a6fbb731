"""Takes the module with the banned function from sys.modules."""

import sys

import numpy as np

EARNS = "refused"


def scale(x, factor):
    return sys.modules["numpy"].multiply(x, factor)
