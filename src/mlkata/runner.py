"""A warm process that has imported what submissions need and forks one worker for each.

It imports only: no operation runs in it and no thread starts in it, so that forking is safe. It can itself be forked
from a process of which the same is true, which costs next to nothing, or be started from nothing.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import NoReturn

from mlkata import wire
from mlkata.errors import HarnessError, WireError
from mlkata.links import SocketLink, serve
from mlkata.worker import Worker

IMPORTS = {
    "python": (),
    "numpy": ("numpy",),
    "pandas": ("numpy", "pandas"),
    "torch": ("numpy", "torch"),
}
IMPORTS_ON_THE_WAY = {"torch": ("torch._dynamo",)}  # torch imports it for the first optimizer, at a second a process

_PR_SET_PDEATHSIG = 1
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_SMALL_BLOCK, _LARGE_BLOCK, _KEPT = 1 << 16, 32 << 20, 1 << 30


@dataclass(frozen=True)
class Order:
    """What a new worker is to be.

    Attributes
    ----------
    path : str
        The submission's source.
    memory_mb : float
        Address space that it may take beyond what it starts with; 0 for no limit.
    exact_memory : bool
        Give large blocks back to the system at once, so that peak memory is the same figure every time. Otherwise they
        are kept, so that CPU time is not spent on asking for them again and again.
    """

    path: str
    memory_mb: float = 0.0
    exact_memory: bool = False


class Runner:
    """The way to the warm process."""

    def __init__(self, control: socket.socket, pid: int) -> None:
        self._control = control
        self._pid = pid
        self._owner = os.getpid()

    @classmethod
    def start(cls, kind: str, *, fork: bool) -> Runner:
        """A runner for exercises of a kind.

        Parameters
        ----------
        kind : {"python", "numpy", "pandas", "torch"}
            What it imports.
        fork : bool
            Whether this process has run no torch operation yet; with other threads about, the runner is started from
            nothing all the same.
        """
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        if fork and threading.active_count() == 1:
            import_for(kind)
            gc.freeze()  # what is imported stays: a collection would only make this process copy its memory
            pid = fork_quietly()
            if pid == 0:
                mine.close()
                _run(theirs, kind)
        else:
            command = [sys.executable, "-m", "mlkata.runner", kind, str(theirs.fileno())]
            pid = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL).pid
        theirs.close()
        return cls(mine, pid)

    def worker(self, order: Order, *, seconds: float) -> SocketLink:
        """A new worker; the submission is not loaded yet."""
        mine, theirs = socket.socketpair()
        try:
            socket.send_fds(self._control, [wire.encode(asdict(order))], [theirs.fileno()])
            pid = wire.decode(self._control.recv(64))
        except (OSError, WireError) as error:
            raise HarnessError(f"the process that forks workers is gone ({error}); run the checks again") from None
        finally:
            theirs.close()
        return SocketLink(mine, int(pid), seconds=seconds)

    def close(self) -> None:
        """End the runner and the workers that are left; only the process that started it waits for that."""
        if os.getpid() == self._owner:
            # A runner that was forked after this one holds a copy of the socket, which closing ours leaves open.
            with contextlib.suppress(OSError):
                self._control.shutdown(socket.SHUT_RDWR)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self._pid, 0)
        self._control.close()


def kill(link: SocketLink) -> None:
    """End a worker at once."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(link.pid, signal.SIGKILL)
    link.close()


def fork_quietly() -> int:
    """`os.fork` without Python's warning about OpenBLAS's threads, which OpenBLAS itself makes safe."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


@contextmanager
def orphan_guard() -> Iterator[None]:
    """Whatever happens inside, a forked child ends here and never returns into its parent's program."""
    try:
        yield
    except BaseException:
        os._exit(1)
    os._exit(0)


def _run(control: socket.socket, kind: str) -> NoReturn:
    with orphan_guard():
        die_with_parent()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        import_for(kind)
        one_thread(kind)
        _silence()
        gc.collect()
        gc.freeze()
        workers: set[int] = set()
        while _fork_one(control, workers):
            pass
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    raise AssertionError


def _fork_one(control: socket.socket, workers: set[int]) -> bool:
    """Fork a worker for the next order and reap those that have ended; False where no more orders come."""
    message, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 1)
    if not message:
        return False
    order = Order(**wire.decode(message))
    pid = fork_quietly()
    if pid == 0:
        control.close()
        _be_worker(socket.socket(fileno=descriptors[0]), order)
    os.close(descriptors[0])
    workers.add(pid)
    workers -= {ended for ended in workers if os.waitpid(ended, os.WNOHANG)[0]}
    control.send(wire.encode(pid))
    return True


def _be_worker(channel: socket.socket, order: Order) -> NoReturn:
    with orphan_guard():
        die_with_parent()
        signal.alarm(0)
        libc = ctypes.CDLL(None)
        if order.exact_memory:
            libc.mallopt(_M_MMAP_THRESHOLD, _SMALL_BLOCK)
            libc.malloc_trim(0)
        else:
            libc.mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)
            libc.mallopt(_M_TRIM_THRESHOLD, _KEPT)
        if order.memory_mb:
            most = _address_space() + int(order.memory_mb * 2**20)
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
        serve(channel, Worker(order.path))
    raise AssertionError


def die_with_parent() -> None:
    """Ask Linux to kill this process when its parent ends."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def import_for(kind: str, *, also_on_the_way: bool = False) -> None:
    """Import what submissions to exercises of a kind need, and maybe what a library imports only when it is used."""
    for name in IMPORTS[kind] + (IMPORTS_ON_THE_WAY.get(kind, ()) if also_on_the_way else ()):
        importlib.import_module(name)


def one_thread(kind: str) -> None:
    """Have numerical libraries use one thread from now on; none is started for that."""
    import threadpoolctl

    threadpoolctl.threadpool_limits(1)
    if kind == "torch":
        import torch

        torch.set_num_threads(1)


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    # In a fork of pytest these are files in which pytest gathers what is printed.
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(number, mode, closefd=False) for number, mode in enumerate("rww"))


def _address_space() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


if __name__ == "__main__":
    _run(socket.socket(fileno=int(sys.argv[2])), sys.argv[1])
