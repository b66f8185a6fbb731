"""Becomes a shell that would answer in its place."""

import os

import numpy as np


def scale(x, factor):
    os.execv("/bin/sh", ["sh", "-c", "touch @catalogue@/was_here; sleep 1000"])
