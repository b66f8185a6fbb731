"""What a worker gives up holds, whatever it tries afterwards."""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import signal
import sys

import pytest
from forked import in_child

from mlkata.confine import LARGEST_FILE, MOST_FILES, MOST_THREADS, confine, hide, limit_memory
from mlkata.seccomp import is_supported

pytestmark = pytest.mark.skipif(sys.platform != "linux" or not is_supported(), reason="limits are for Linux alone")

MEGABYTE = 1 << 20


def confined(work, *, memory_mb=0, cpu_seconds=0):
    """What something answers in a child that has confined itself; the name of the error where it ends with one."""

    def attempt(back):
        confine(back, memory_mb=memory_mb, cpu_seconds=cpu_seconds)
        try:
            return work()
        except OSError as error:
            return errno.errorcode[error.errno]
        except MemoryError:
            return "MemoryError"

    return in_child(attempt)


def opened():
    """How many files can be open, the standard three and the way back among them."""
    count = 4
    while True:
        try:
            os.open(os.devnull, os.O_RDONLY)
        except OSError as error:
            return count, errno.errorcode[error.errno]
        count += 1


def test_so_many_files_can_be_open():
    assert confined(opened) == [MOST_FILES, "EMFILE"]


def test_all_other_descriptors_are_closed():
    left_open = [os.open(os.devnull, os.O_RDONLY) for _ in range(3)]
    high = os.dup2(left_open[0], 900, inheritable=True)

    found = confined(lambda: sorted(map(int, os.listdir("/proc/self/fd"))))

    for descriptor in (*left_open, high):
        os.close(descriptor)
    # The standard three, the way back, and the folder that is being listed.
    assert found[:3] == [0, 1, 2]
    assert len(found) == 5


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("CORE", 0),
        ("NOFILE", MOST_FILES),
        ("FSIZE", LARGEST_FILE),
        ("NPROC", MOST_THREADS),
        ("MEMLOCK", 0),
        ("MSGQUEUE", 0),
        ("CPU", 8),
    ],
)
def test_limits_are_set_for_good(name, most):
    limit = getattr(resource, f"RLIMIT_{name}")

    assert confined(lambda: resource.getrlimit(limit), cpu_seconds=7.5) == [most, most]


def test_no_limit_of_time_or_memory_unless_one_is_given():
    before = [resource.getrlimit(limit) for limit in (resource.RLIMIT_CPU, resource.RLIMIT_AS)]

    after = confined(lambda: [resource.getrlimit(limit) for limit in (resource.RLIMIT_CPU, resource.RLIMIT_AS)])

    assert list(map(tuple, after)) == before


def test_file_cannot_grow_beyond_its_limit(tmp_path):
    path = tmp_path / "large"

    def write():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        with open(path, "wb") as file:
            file.truncate(LARGEST_FILE)
            file.seek(LARGEST_FILE)
            file.write(b"x")
            file.flush()

    assert confined(write) == "EFBIG"
    assert path.stat().st_size == LARGEST_FILE


def test_memory_beyond_the_limit_is_a_memory_error():
    def take(megabytes):
        return lambda: len(bytearray(megabytes * MEGABYTE))

    assert confined(take(32), memory_mb=64) == 32 * MEGABYTE
    assert confined(take(128), memory_mb=64) == "MemoryError"
    assert confined(take(128)) == 128 * MEGABYTE


def test_limit_counts_from_what_the_process_has():
    def attempt(_):
        kept = bytearray(256 * MEGABYTE)
        limit_memory(64)
        return len(kept) and len(bytearray(32 * MEGABYTE))

    assert in_child(attempt) == 32 * MEGABYTE


def test_endless_loop_is_killed_by_the_kernel():
    def loop():
        while True:
            pass

    assert confined(loop, cpu_seconds=0.1) == -signal.SIGKILL


def test_system_calls_are_filtered():
    assert confined(lambda: os.kill(os.getppid(), 0)) == "EPERM"


def test_hidden_process_cannot_be_looked_into_until_it_is_confined():
    get_dumpable = 3

    def attempt(back):
        told = []
        for step in (hide, lambda: confine(back, memory_mb=0, cpu_seconds=0)):
            step()
            told.append(ctypes.CDLL(None).prctl(get_dumpable))
        return told

    assert in_child(attempt) == [0, 1]
