"""Carries requests to a worker and its answers back, in this process or through a socket."""

from __future__ import annotations

import functools
import itertools
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from mlkata import wire
from mlkata.confine import MOST_FILES_ON_DISK, MOST_THREADS, WRITABLE
from mlkata.errors import FrameTooLarge, WireError, WorkerLost
from mlkata.process import Process
from mlkata.worker import Worker, tell

Request = dict[str, Any]
Answer = dict[str, Any]

WATCH_SECONDS = 0.1


class Link(Protocol):
    """The way to one worker."""

    def ask(self, request: Request) -> Answer: ...

    def close(self) -> None: ...

    @property
    def is_lost(self) -> bool: ...


class LocalLink:
    """The way to a worker in this process; the checks hold its number, not the worker.

    Values are copied on the way as they would be between processes, so that a check sees the same either way.
    """

    def __init__(self, path: str, *, keep_frames: bool = False) -> None:
        self.is_lost = False
        self._number = next(_numbers)
        _workers[self._number] = Worker(path, keep_frames=keep_frames)

    def ask(self, request: Request) -> Answer:
        worker = _workers[self._number]
        functions: list[Callable[..., Any]] = []

        def stand_in(number: int) -> Callable[..., Any]:
            def function(*args: Any, **kwargs: Any) -> Any:
                call = _copy({"callback": number, "args": args, "kwargs": kwargs})
                return _given_back(_copy(_serve_callback(functions, call)))

            return function

        request = wire.decode(wire.encode(request, functions), stand_in, layouts=True)
        answer = worker.answer(request)
        try:
            answer = dict(_copy(answer))
        except WireError as error:
            return {"not_plain": str(error)}
        if "error" in answer and worker.last_error is not None:
            answer["raised"], worker.last_error = worker.last_error, None
        return answer

    def close(self) -> None:
        _workers.pop(self._number, None)


class SocketLink:
    """The way to a worker in a process of its own.

    Parameters
    ----------
    channel : socket
        Connected to the worker.
    process : Process
        That holds it.
    seconds : float
        Wall time that one answer may take, callbacks included, before the worker counts as hung.
    largest : int
        Bytes that one answer may have.
    ending : callable
        Says how the process ended, once it has; an empty string where nobody knows.

    Attributes
    ----------
    is_lost : bool
        Whether an answer did not come as it should, so that nothing more can be asked.
    """

    def __init__(
        self,
        channel: socket.socket,
        process: Process,
        *,
        seconds: float,
        largest: int = wire.LARGEST_FRAME,
        ending: Callable[[], str] = str,
    ) -> None:
        self._channel = channel
        self._ending = ending
        self._seconds = seconds
        self._largest = largest
        self.process = process
        self.is_lost = False

    @property
    def pid(self) -> int:
        """Of the worker's process, as seen from here."""
        return self.process.pid

    def ask(self, request: Request) -> Answer:
        functions: list[Callable[..., Any]] = []
        body = wire.encode(request, functions)
        channel = _Timed(self._channel, self._seconds, self.process)
        with self._lost():
            wire.send_body(channel, body)
            answer = self._receive(channel)
            while "callback" in answer:
                wire.send(channel, _serve_callback(functions, answer))
                answer = self._receive(channel)
        return answer

    def send(self, request: Request) -> None:
        """Send a request whose answer is read later by `wait`."""
        with self._lost():
            wire.send_body(_Timed(self._channel, self._seconds, self.process), wire.encode(request))

    def wait(self, seconds: float) -> Answer | None:
        """The answer to `send`, or None where it is not there after some seconds."""
        with self._lost():
            self._channel.settimeout(seconds)
            try:
                self._channel.recv(1, socket.MSG_PEEK)
            except TimeoutError:
                _watch(self.process)
                return None
            return self._receive(_Timed(self._channel, self._seconds, self.process))

    def close(self) -> None:
        """End the worker at once."""
        self.is_lost = True
        self.process.kill()
        self._channel.close()

    def _receive(self, channel: wire.Channel) -> Answer:
        answer: Any = wire.receive(channel, largest=self._largest)
        if type(answer) is not dict:
            raise WireError("the worker's answer is no dict")
        return answer

    @contextmanager
    def _lost(self) -> Iterator[None]:
        """Whatever keeps an answer from coming, an exception of the caller's clock included, leaves the link lost."""
        whole, self.is_lost = not self.is_lost, True
        if not whole:
            raise WorkerLost.died()
        try:
            yield
        except TimeoutError:
            raise WorkerLost.hung(self._seconds) from None
        except (EOFError, OSError):
            raise WorkerLost.died(self._ending()) from None
        except FrameTooLarge as error:
            raise WorkerLost.too_large(error.size, error.largest) from None
        except WireError as error:
            raise WorkerLost.nonsense(str(error)) from None
        self.is_lost = False


class _Timed:
    """A socket on which everything must be done by one moment, however often it is read."""

    def __init__(self, channel: socket.socket, seconds: float, process: Process) -> None:
        self._channel = channel
        self._process = process
        self._end = time.monotonic() + seconds

    def sendall(self, data: Any, /) -> None:
        rest = memoryview(data).cast("B") if data else memoryview(b"")
        while rest:
            rest = rest[self._in_time(functools.partial(self._channel.send, rest)) :]

    def recv_into(self, buffer: memoryview, /) -> int:
        return self._in_time(functools.partial(self._channel.recv_into, buffer))

    def _in_time(self, act: Callable[[], int]) -> int:
        while True:
            left = self._end - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._channel.settimeout(min(left, WATCH_SECONDS))
            try:
                return act()
            except TimeoutError:
                _watch(self._process)


def _watch(process: Process) -> None:
    """Raise WorkerLost where a worker took more than it may of what no limit of the kernel's counts for everyone."""
    count = process.threads()
    if count > MOST_THREADS:
        raise WorkerLost(f"your code started {count} threads: at most {MOST_THREADS} may run; compute without them")
    count = process.files_in(WRITABLE) if process.is_walled else 0
    if count > MOST_FILES_ON_DISK:
        raise WorkerLost(
            f"your code wrote {count} files: at most {MOST_FILES_ON_DISK} may be there; keep values in variables"
        )


def serve(channel: socket.socket, worker: Worker) -> None:
    """Answer requests on a socket until the other side closes it."""

    def stand_in(number: int) -> Callable[..., Any]:
        def function(*args: Any, **kwargs: Any) -> Any:
            wire.send(channel, {"callback": number, "args": args, "kwargs": kwargs})
            return _given_back(wire.receive(channel))

        return function

    while True:
        try:
            request = wire.decode(wire.receive_body(channel), stand_in, layouts=True)
        except EOFError:
            return
        answer = worker.answer(request)
        try:
            body = wire.encode(answer)
        except WireError as error:
            body = wire.encode({"not_plain": str(error)})
        wire.send_body(channel, body)


def _serve_callback(functions: list[Callable[..., Any]], call: Answer) -> Answer:
    number, args, kwargs = call["callback"], call.get("args"), call.get("kwargs")
    if (
        type(number) is not int
        or not 0 <= number < len(functions)
        or type(args) is not tuple
        or type(kwargs) is not dict
    ):
        raise WireError("the worker asked for a function that it was not given")
    try:
        return {"value": functions[number](*args, **kwargs)}
    except Exception as error:
        return {"error": tell(error, "")}


def _given_back(answer: Answer) -> Any:
    if "error" in answer:
        raise RuntimeError(answer["error"]["message"])
    return answer["value"]


def _copy(value: Any) -> Any:
    return wire.decode(wire.encode(value))


_numbers = itertools.count()
_workers: dict[int, Worker] = {}
