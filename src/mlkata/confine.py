"""What a worker gives up, inside the sandbox, before it loads a submission."""

from __future__ import annotations

import ctypes
import os
import resource

from mlkata import seccomp

MOST_FILES = 128
MOST_THREADS = 64
LARGEST_FILE = 64 << 20
MOST_FILES_ON_DISK = 2_000
WRITABLE = "/scratch"  # in the sandbox, where it is a file system of its own

_PR_SET_DUMPABLE = 4


def hide() -> None:
    """Nobody without privileges may look into this process, or into those forked from it, from now on."""
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def confine(
    keep: int, *, memory_mb: float, cpu_seconds: float, largest_file: int = LARGEST_FILE, loopback: bool = False
) -> None:
    """Limit this process for good.

    Parameters
    ----------
    keep : int
        The one descriptor, beside the standard three, that stays open.
    memory_mb : float
        Address space that it may take beyond what it has; 0 for no limit.
    cpu_seconds : float
        CPU time, after which the kernel kills it; 0 for no limit.
    largest_file : int
        Bytes that it may write to a file.
    loopback : bool
        Whether it may open sockets, in a network of its own.
    """
    os.closerange(3, keep)
    os.closerange(keep + 1, 1 << 16)
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: MOST_FILES,
        resource.RLIMIT_FSIZE: largest_file,
        resource.RLIMIT_NPROC: MOST_THREADS,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    if cpu_seconds:
        limits[resource.RLIMIT_CPU] = int(cpu_seconds) + 1
    for limit, most in limits.items():
        resource.setrlimit(limit, (most, most))
    limit_memory(memory_mb)
    # What is measured from outside is read, and reset, in /proc: for that it must be this user's process again.
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)
    seccomp.confine_to_itself(loopback=loopback)


def limit_memory(memory_mb: float) -> None:
    """Limit the address space to what this process has and so many megabytes (2**20 bytes) more; 0 for no limit."""
    if memory_mb:
        most = _address_space() + int(memory_mb * 2**20)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _address_space() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()
