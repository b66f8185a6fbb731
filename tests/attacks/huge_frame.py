"""Announces a frame of 2**62 bytes, and then one of the size that is just allowed."""

import gc
import socket
import struct

import numpy as np


def channel():
    return next(each for each in gc.get_objects() if isinstance(each, socket.socket) and each.fileno() >= 0)


def scale(x, factor):
    channel().sendall(struct.pack("<Q", 2**62 if x.size % 2 else 128 << 20))
    return np.asarray(x + factor)
