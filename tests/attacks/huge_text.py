"""Raises exceptions, and returns text, of millions of characters with control codes."""

import numpy as np


def scale(x, factor):
    if x.size % 2:
        return "\x1b[2J\ud800" * 300_000
    raise ValueError("\x1b[1mpassed\n" * 300_000)
