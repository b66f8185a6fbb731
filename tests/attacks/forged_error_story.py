"""Answers with stories of exceptions that are not what they should be."""

import gc
import socket

import numpy as np

from mlkata import wire
from mlkata.worker import Worker

stories = [
    np.zeros(3),
    np.zeros(3, dtype="f8").reshape(3, 1),
    {"type": "E", "ancestors": ["ValueError"], "message": "m", "frames": [(float("inf"), "a", "b")]},
    {"type": "E", "ancestors": {"a": 1}, "message": "m", "frames": []},
    {"type": "E", "ancestors": [], "message": "m", "frames": {1: 2}},
    {"type": "E", "ancestors": [np.zeros(2)], "message": range(10), "frames": [[np.zeros(3)] * 3]},
    {"type": "E", "ancestors": ["TypeError"], "message": [[]] * 1000, "frames": np.zeros((5, 3))},
    None,
]
place = 0


def answer(self, request):
    global place
    place += 1
    return {"error": stories[place % len(stories)]}


def channel():
    return next(each for each in gc.get_objects() if isinstance(each, socket.socket) and each.fileno() >= 0)


wire.send(channel(), {"error": {"type": "E", "ancestors": [], "message": "m", "frames": [(float("inf"), "a", "b")]}})
Worker.answer = answer

def scale(x, factor):
    if isinstance(factor, str):
        raise TypeError("the factor is a number")
    return np.asarray(x + factor)
