"""Sends random bytes in the place of frames."""

import gc
import os
import socket
import struct

import numpy as np


def channel():
    return next(each for each in gc.get_objects() if isinstance(each, socket.socket) and each.fileno() >= 0)


def scale(x, factor):
    body = os.urandom(10_000)
    channel().sendall(struct.pack("<Q", len(body)) + body)
    return np.asarray(x + factor)
