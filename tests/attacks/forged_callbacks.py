"""Asks the checks for functions that it was never given, with arguments that fit none."""

import gc
import socket

import numpy as np

from mlkata import wire


def channel():
    return next(each for each in gc.get_objects() if isinstance(each, socket.socket) and each.fileno() >= 0)


numbers = [0, -1, 10**9, 2**70, True, "0", None, 0.0]


def scale(x, factor):
    wire.send(channel(), {"callback": numbers[x.size % len(numbers)], "args": (), "kwargs": {"x": 1}})
    return np.asarray(x + factor)
