"""Asks the checks for a function again and again and never answers."""

import gc
import socket

import numpy as np

from mlkata import wire


def channel():
    return next(each for each in gc.get_objects() if isinstance(each, socket.socket) and each.fileno() >= 0)


def scale(x, factor):
    while True:
        wire.send(channel(), {"callback": 0, "args": (np.zeros(10_000),), "kwargs": {}})
