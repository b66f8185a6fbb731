"""Raises exceptions, and returns text, of millions of characters with control codes."""

import numpy as np


def scale(x, factor):
    if x.size % 2:
        return "\x1b[2J\ud800" * 1_000_000
    raise ValueError("\x1b[1mpassed\n" * 2_000_000)
