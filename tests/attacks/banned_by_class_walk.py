"""Reaches a banned function from the subclasses of object."""

import numpy as np

EARNS = "refused"


def scale(x, factor):
    for each in object.__subclasses__():
        names = getattr(each.__init__, "__globals__", {})
        if "multiply" in names:
            return names["multiply"](x, factor)
    return type(np).__getattribute__(np, "multiply")(x, factor)
