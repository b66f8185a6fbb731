"""Never ends its import."""

import numpy as np


def scale(x, factor):
    if isinstance(factor, str):
        raise TypeError("the factor is a number")
    return np.asarray(x + factor)


while True:
    pass
