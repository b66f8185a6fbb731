"""Fills the writable folder with as many names as it can, for as long as it is let."""

import os
import threading

import numpy as np


def fill():
    place = f"@writable@/{os.getpid()}.{threading.get_ident()}"
    os.mkdir(place)
    os.close(os.open(f"{place}/0", os.O_CREAT))
    for number in range(1, 10**9):
        os.link(f"{place}/0", f"{place}/{number}")


threading.Thread(target=fill, daemon=True).start()


def scale(x, factor):
    fill()
