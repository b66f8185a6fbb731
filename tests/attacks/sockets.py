"""Connects to this machine and to others, and listens, by every kind of socket."""

import socket

import numpy as np


def leak(text):
    raise RuntimeError(str(text)[:1500])


def scale(x, factor):
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK, socket.AF_PACKET):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
            try:
                made = socket.socket(family, kind)
            except OSError:
                continue
            leak(f"a socket of family {family} could be made: SOCKET-MADE")
    return np.asarray(x + factor)
