"""Calls a banned function in code that exec runs."""

import numpy as np

EARNS = "refused"


def scale(x, factor):
    names = {"np": np, "x": x, "factor": factor}
    exec("value = np.mul" + "tiply(x, factor)", names)
    return names["value"]
