"""Raises SystemExit in the call and at the end of its import."""

import sys

import numpy as np


def scale(x, factor):
    sys.exit(0)
