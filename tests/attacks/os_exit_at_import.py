"""Ends its process while it is imported, with the status of success."""

import os

import numpy as np

os._exit(0)

def scale(x, factor):
    if isinstance(factor, str):
        raise TypeError("the factor is a number")
    return np.asarray(x + factor)
