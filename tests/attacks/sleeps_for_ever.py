"""Waits for ever without using any CPU time."""

import time

import numpy as np


def scale(x, factor):
    time.sleep(10**6)
