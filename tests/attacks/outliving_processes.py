"""Starts processes by fork, spawn, exec and a shell that should go on after it."""

import multiprocessing
import os
import subprocess

import numpy as np

for act in (
    lambda: os.fork() or os.execv("/bin/sleep", ["sleep", "1000"]),
    lambda: os.posix_spawn("/bin/sleep", ["sleep", "1000"], {}),
    lambda: subprocess.Popen(["sleep", "1000"], start_new_session=True),
    lambda: os.system("sleep 1000 &"),
    lambda: multiprocessing.Process(target=print).start(),
    lambda: os.forkpty() if hasattr(os, "forkpty") else None,
):
    try:
        act()
    except OSError:
        pass

def scale(x, factor):
    if isinstance(factor, str):
        raise TypeError("the factor is a number")
    return np.asarray(x + factor)
