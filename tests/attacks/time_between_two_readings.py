"""Answers early, sleeps until its CPU time was read, and works before it is read again."""

import gc
import socket
import threading
import time

import numpy as np

from mlkata import wire
from mlkata.worker import Worker

EARNS = "slow"


def slowly(x, factor):
    if isinstance(factor, str):
        raise TypeError("the factor is a number")
    out = np.empty_like(x)
    for index in np.ndindex(x.shape):
        out[index] = x[index] * factor
    return out


def channel():
    return next(each for each in gc.get_objects() if isinstance(each, socket.socket) and each.fileno() >= 0)


def prepare(self, request):
    self._series = request["series"]
    self._round = getattr(self, "_round", 0) + 1
    return {"value": None}


def go(self, request):
    wire.send(channel(), {"value": None})
    time.sleep(0.00005 * self._round)
    worker = threading.Thread(target=lambda: setattr(self, "_values", [slowly(*args) for args in self._series]))
    worker.start()
    worker.join()
    return wire.receive(channel()) and {"value": self._values}


Worker._do_prepare = prepare
Worker._do_go = go
scale = slowly
