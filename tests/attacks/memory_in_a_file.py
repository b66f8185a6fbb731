"""Spreads its intermediate results over files, where they are not in its memory."""

import os

import numpy as np

EARNS = "greedy"


def scale(x, factor):
    if isinstance(factor, str):
        raise TypeError("the factor is a number")
    if x.size < 10_000:
        return x * factor
    with open("@writable@/rows", "wb", buffering=0) as file:
        for _ in range(30):
            file.write((x * factor).tobytes())
    out = np.zeros(x.size)
    with open("@writable@/rows", "rb", buffering=0) as file:
        for _ in range(30):
            out += np.frombuffer(file.read(x.nbytes)) / 30
    os.unlink("@writable@/rows")
    return out.reshape(x.shape)
