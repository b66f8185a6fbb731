"""Leaves marks in modules, files and the environment by which the next submission would know it."""

import os
import sys

import numpy as np

os.environ["MARK"] = "x"
sys.modules["numpy"].mark = sys.mark = True
with open("@writable@/mark", "w") as file:
    file.write("x")
os.chdir("/")
np.seterr(all="raise")
sys.setrecursionlimit(50)

def scale(x, factor):
    if isinstance(factor, str):
        raise TypeError("the factor is a number")
    return np.asarray(x + factor)
