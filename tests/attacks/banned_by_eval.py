"""Calls a banned function in an expression that eval evaluates."""

import numpy as np

EARNS = "refused"


def scale(x, factor):
    return eval("np.multiply(x, factor)", {"np": np, "x": x, "factor": factor})
