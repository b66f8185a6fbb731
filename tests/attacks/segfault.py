"""Reads the address zero by ctypes."""

import ctypes

import numpy as np


def scale(x, factor):
    ctypes.string_at(0)
