"""Never ends the clearing away of what it returned."""

import numpy as np


class Endless:
    def __del__(self):
        while True:
            pass


def scale(x, factor):
    kept = Endless()
    return np.asarray(x + factor) if kept else x
