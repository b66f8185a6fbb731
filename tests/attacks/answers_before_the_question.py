"""Sends a hundred answers at its import, before anything was asked."""

import gc
import socket

import numpy as np

from mlkata import wire


def channel():
    return next(each for each in gc.get_objects() if isinstance(each, socket.socket) and each.fileno() >= 0)


def scale(x, factor):
    if isinstance(factor, str):
        raise TypeError("the factor is a number")
    return np.asarray(x + factor)


wire.send(channel(), {"value": {"scale": {"kind": "function", "parameters": None}}})
for number in range(100):
    wire.send(channel(), {"value": np.zeros((4, 3)), "after": {"0": np.zeros(3), "1": 2.0}, "shared": []})
