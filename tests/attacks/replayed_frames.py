"""Sends again what it sent before, in the place of new answers."""

import gc
import socket

import numpy as np

from mlkata import wire
from mlkata.worker import Worker

sent = []
answer = Worker.answer


def answer_again(self, request):
    sent.append(answer(self, request))
    return sent[len(sent) // 2]


Worker.answer = answer_again

def scale(x, factor):
    if isinstance(factor, str):
        raise TypeError("the factor is a number")
    return np.asarray(x + factor)
