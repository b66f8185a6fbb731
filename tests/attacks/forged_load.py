"""Claims, when it is loaded, to define everything that is asked for, in forms that nobody expects."""

import gc
import socket

import numpy as np

from mlkata import wire


def channel():
    return next(each for each in gc.get_objects() if isinstance(each, socket.socket) and each.fileno() >= 0)


wire.send(channel(), {"value": {"scale": {"kind": "class", "parameters": [("x", "MADE_UP", True)] * 1000, "methods": {"": None}}}})
