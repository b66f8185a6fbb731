"""Raises exceptions, and returns text, of a hundred million characters with control codes."""

import numpy as np


def scale(x, factor):
    if x.size % 2:
        return "\x1b[2J\ud800" * 5_000_000
    raise ValueError("\x1b[1mpassed\n" * 10_000_000)
