"""Stops its own process, so that no answer ever comes."""

import os
import signal

import numpy as np


def scale(x, factor):
    os.kill(os.getpid(), signal.SIGSTOP)
    return x
