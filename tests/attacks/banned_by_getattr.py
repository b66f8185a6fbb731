"""Calls a banned function by getattr, with a name put together from parts."""

import numpy as np

EARNS = "refused"


def scale(x, factor):
    return getattr(np, "".join(["multi", "ply"]))(x, factor)
