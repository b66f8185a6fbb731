"""Sends itself signals at every moment, and handles or ignores those that should end it."""

import signal

import numpy as np

for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGINT, signal.SIGXCPU, signal.SIGPIPE):
    signal.signal(number, lambda *arguments: None)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)

def scale(x, factor):
    if isinstance(factor, str):
        raise TypeError("the factor is a number")
    return np.asarray(x + factor)
