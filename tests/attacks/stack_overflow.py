"""Overflows the stack of C by a function that compares itself."""

import sys

import numpy as np

sys.setrecursionlimit(10**9)


class Node:
    def __repr__(self):
        return repr(self)


def scale(x, factor):
    return repr(Node())
