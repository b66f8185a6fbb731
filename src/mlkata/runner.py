"""A warm process that has imported what submissions need and forks one worker for each.

It imports only: no operation runs in it and no thread starts in it, so that forking is safe. It can itself be forked
from a process of which the same is true, which costs next to nothing, or be started from nothing; `mlkata.sandbox`
starts one behind walls.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import gc
import importlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import NoReturn

from mlkata import wire
from mlkata.confine import LARGEST_FILE, WRITABLE, confine, hide, limit_memory
from mlkata.errors import HarnessError, WireError
from mlkata.links import SocketLink, serve
from mlkata.process import Process, ending_of
from mlkata.worker import Worker

with contextlib.suppress(ImportError):  # Windows does not have it, and limits nothing
    import resource

IMPORTS = {
    "python": (),
    "numpy": ("numpy.random",),
    "pandas": ("numpy.random", "pandas"),
    "torch": ("numpy.random", "torch"),
}
IMPORTS_ON_THE_WAY = {"torch": ("torch._dynamo",)}  # torch imports it for the first optimizer, at a second a process
IMPORTS_OF_A_CALL = {"torch": ("torch.fx.experimental.symbolic_shapes",)}  # for the first torch.broadcast_shapes

# By top-level package that an exercise allows, where importing it takes a while.
IMPORTS_OF_PACKAGES = {
    "fastapi": ("fastapi", "uvicorn", "http.client"),
    "pandas": ("pandas",),
    "scipy": ("scipy.linalg", "scipy.optimize", "scipy.sparse", "scipy.special", "scipy.stats"),
    "sklearn": ("sklearn.base",),
}
CLEANING_SECONDS = 5.0
ENDING_SECONDS = 5.0
MOMENT = 0.1  # seconds that a process may take to end after its sockets are closed

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
    cpu_seconds : float
        CPU time after which it is killed, in the sandbox; 0 for no limit.
    exact_memory : bool
        Give large blocks back to the system at once, so that peak memory is the same figure every time. Otherwise they
        are kept, so that CPU time is not spent on asking for them again and again.
    no_files : bool
        In the sandbox, let it write nothing to files: neither what a later check could use, nor what takes memory.
    loopback : bool
        In the sandbox, let it open sockets: the network there has nobody else.
    """

    path: str
    memory_mb: float = 0.0
    cpu_seconds: float = 0.0
    exact_memory: bool = False
    no_files: bool = False
    loopback: bool = False


class Runner:
    """The way to the warm process.

    Attributes
    ----------
    largest_answer : int
        Bytes that a worker may answer at a time.
    is_walled : bool
        Whether it and its workers live in the sandbox.
    cpu_seconds : float
        What the runner and its workers had used by the last `clean`.
    """

    largest_answer = wire.LARGEST_FRAME
    is_walled = False

    def __init__(self, control: socket.socket, pid: int) -> None:
        self._control = control
        self._pid = pid
        self._owner = os.getpid()
        self._was_clean = False
        self.cpu_seconds = 0.0

    @classmethod
    def start(cls, imports: Sequence[str], *, fork: bool, late: Sequence[str] = ()) -> Runner:
        """A runner that has imported some modules.

        Parameters
        ----------
        imports : sequence of str
            See `imports_of`.
        fork : bool
            Whether this process has run no torch operation yet; with other threads about, the runner is started from
            nothing all the same.
        late : sequence of str
            What the runner alone imports, while this process goes on.
        """
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        if fork and threading.active_count() == 1:
            import_all(imports)
            gc.freeze()  # what is imported stays: a collection would only make this process copy its memory
            pid = fork_quietly()
            if pid == 0:
                mine.close()
                _run(theirs, [*imports, *late])
        else:
            pid = cls._launch([*command(theirs.fileno(), [*imports, *late])], theirs.fileno())
        theirs.close()
        return cls(mine, pid)

    @staticmethod
    def _launch(arguments: Sequence[str], descriptor: int) -> int:
        return subprocess.Popen(arguments, pass_fds=[descriptor], stdin=subprocess.DEVNULL).pid

    def worker(self, order: Order, *, seconds: float) -> SocketLink:
        """A new worker; the submission is not loaded yet."""
        mine, theirs = socket.socketpair()
        try:
            socket.send_fds(self._control, [wire.encode(asdict(order))], [theirs.fileno()])
            message, descriptors, _, _ = socket.recv_fds(self._control, 64, 1)
            number = wire.decode(message)
            process = Process(descriptors[0], is_walled=self.is_walled)
        except (OSError, WireError, IndexError) as error:
            raise HarnessError(f"the process that forks workers is gone ({error}); run the checks again") from None
        finally:
            theirs.close()
        ending = functools.partial(self._ending, number)
        return SocketLink(mine, process, seconds=seconds, largest=self.largest_answer, ending=ending)

    def _ending(self, number: int) -> str:
        """How a worker ended; an empty string where the runner does not know."""
        try:
            self._control.settimeout(ENDING_SECONDS)
            socket.send_fds(self._control, [wire.encode(number)], [])
            code = wire.decode(self._control.recv(64))
            self._control.settimeout(None)
        except (OSError, WireError):
            self._control.close()  # an answer that comes too late must not be taken for another one's
            return ""
        return ending_of(code) if type(code) is int else ""

    def clean(self) -> bool:
        """End all workers and empty the writable folder; False where something is left, or the runner is gone."""
        try:
            self._control.settimeout(CLEANING_SECONDS if self._was_clean else None)
            socket.send_fds(self._control, [wire.encode("clean")], [])
            is_clean, self.cpu_seconds = wire.decode(self._control.recv(64))
            self._control.settimeout(None)
        except (OSError, WireError, TypeError, ValueError):
            return False
        self._was_clean = True  # the first answer comes after all imports
        return is_clean is True

    def close(self) -> None:
        """End the runner and the workers that are left; only the process that started it waits for that."""
        if os.getpid() == self._owner:
            # A runner that was forked after this one holds a copy of the socket, which closing ours leaves open.
            with contextlib.suppress(OSError):
                self._control.shutdown(socket.SHUT_RDWR)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self._pid, 0)
        self._control.close()


def command(descriptor: int, imports: Sequence[str], *, walled: bool = False) -> list[str]:
    """The command line that starts a runner from nothing; it is asked on an open descriptor."""
    return [sys.executable, "-m", "mlkata.runner", str(descriptor), "walled" if walled else "open", *imports]


def imports_of(kind: str, allowed: Iterable[str] = (), *, also_on_the_way: bool = False) -> tuple[str, ...]:
    """What is imported before a submission comes.

    Parameters
    ----------
    kind : {"python", "numpy", "pandas", "torch"}
    allowed : iterable of str
        Top-level packages that submissions may import.
    also_on_the_way : bool
        Take what a library imports only when it is used as well.
    """
    late = IMPORTS_ON_THE_WAY.get(kind, ()) if also_on_the_way else ()
    return (
        *IMPORTS[kind],
        *late,
        *(name for package in sorted(allowed) for name in IMPORTS_OF_PACKAGES.get(package, ())),
    )


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


def _run(control: socket.socket, imports: Sequence[str], *, walled: bool = False) -> NoReturn:
    with orphan_guard():
        die_with_parent()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if walled:
            hide()
        import_all(imports)
        one_thread()
        _silence()
        gc.collect()
        gc.freeze()
        workers: dict[int, int | None] = {}
        while _serve_one(control, workers, walled=walled):
            pass
        _end(workers)
    raise AssertionError


def _serve_one(control: socket.socket, workers: dict[int, int | None], *, walled: bool) -> bool:
    """Carry out one request; False where no more come. `workers` are the exit codes by pid, None of those that live."""
    message, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 1)
    if not message:
        return False
    request = wire.decode(message)
    if request == "clean":
        _end(workers)
        control.send(wire.encode((not walled or _is_clean(), cpu_seconds())))
        return True
    if type(request) is int:
        control.send(wire.encode(_exit_code(workers, request)))
        return True
    order = Order(**request)
    pid = fork_quietly()
    if pid == 0:
        control.close()
        _be_worker(socket.socket(fileno=descriptors[0]), order, walled=walled)
    os.close(descriptors[0])
    workers[pid] = None
    handle = os.pidfd_open(pid)
    socket.send_fds(control, [wire.encode(pid)], [handle])
    os.close(handle)
    for each in workers:
        _exit_code(workers, each, moment=0.0)
    return True


def _exit_code(workers: dict[int, int | None], pid: int, *, moment: float = MOMENT) -> int | None:
    """How a worker ended, -N where signal N ended it; None where it lives on for another moment, or is not known."""
    end = time.monotonic() + moment
    while pid in workers and workers[pid] is None:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            workers[pid] = os.waitstatus_to_exitcode(status)
        elif time.monotonic() >= end:
            break
        else:
            time.sleep(0.001)
    return workers.get(pid)


def _end(workers: dict[int, int | None]) -> None:
    for pid in [pid for pid, code in workers.items() if code is None]:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    workers.clear()


def _is_clean() -> bool:
    """Whether no other process is left in the sandbox, nor anything in its writable folder, which is emptied."""
    for name in os.listdir(WRITABLE):
        path = os.path.join(WRITABLE, name)
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                os.unlink(path)
    left = {int(name) for name in os.listdir("/proc") if name.isdigit()} - {1, os.getpid()}
    return not left and not os.listdir(WRITABLE)


def _be_worker(channel: socket.socket, order: Order, *, walled: bool) -> NoReturn:
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
        if walled:
            os.chdir(WRITABLE)
            confine(
                channel.fileno(),
                memory_mb=order.memory_mb,
                cpu_seconds=order.cpu_seconds,
                largest_file=0 if order.no_files else LARGEST_FILE,
                loopback=order.loopback,
            )
        else:
            limit_memory(order.memory_mb)
        serve(channel, Worker(order.path))
    raise AssertionError


def die_with_parent(number: int = signal.SIGKILL) -> None:
    """Ask Linux to send this process a signal when the thread that started it ends."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)


def import_all(imports: Sequence[str]) -> None:
    """Import modules, and run nothing of them."""
    for name in imports:
        importlib.import_module(name)


def one_thread() -> None:
    """Have the numerical libraries that are imported use one thread from now on; none is started for that."""
    import threadpoolctl

    threadpoolctl.threadpool_limits(1)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


def cpu_seconds() -> float:
    """CPU time that this process and those of its children that have ended have used."""
    parts = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in parts)


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    # In a fork of pytest these are files in which pytest gathers what is printed.
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(number, mode, closefd=False) for number, mode in enumerate("rww"))


if __name__ == "__main__":
    _run(socket.socket(fileno=int(sys.argv[1])), sys.argv[3:], walled=sys.argv[2] == "walled")
