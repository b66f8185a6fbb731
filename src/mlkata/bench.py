"""A worker whose calls are measured in CPU time and memory from outside its process."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlkata import probes
from mlkata.errors import CatalogError, HarnessError, WorkerLost
from mlkata.links import SocketLink
from mlkata.runner import Order, Runner, kill
from mlkata.submission import checked

Target = str | Callable[..., Any]
Inputs = Callable[..., tuple[Any, ...]]
Judge = Callable[..., None]

SHORTEST = 0.004  # seconds of CPU time; shorter calls are measured several at a time
MOST_AT_A_TIME = 64
NEVER_STOPPED = 0.25  # seconds of CPU time that any call may use, so that a cold start does not count as slowness
POLL_SECONDS = 0.02
EXACT_MEMORY_SEED = 0


@dataclass(frozen=True)
class Subject:
    """A source to measure, and whether it is the reference, whose failures are its author's."""

    name: str
    path: Path
    is_reference: bool = False


@dataclass(frozen=True)
class Work:
    """What is measured: a call, made with fresh inputs each time.

    Attributes
    ----------
    target : str or callable
        The name of an entry, or a probe.
    inputs : callable
        Makes the arguments from a numpy Generator, and a size where there are sizes.
    options : dict
        Keyword arguments.
    seed : int
        Of the inputs.
    """

    target: Target
    inputs: Inputs
    options: dict[str, Any]
    seed: int

    @property
    def name(self) -> str:
        """What the learner reads as the name of the call."""
        return self.target if isinstance(self.target, str) else probes.title(self.target)

    def args(self, number: int, place: int = 0, size: int | None = None) -> tuple[Any, ...]:
        """The arguments of one round, or of one place in a row of calls."""
        import numpy as np

        rng = np.random.default_rng([self.seed, number, place])
        return self.inputs(rng) if size is None else self.inputs(rng, size)


class Bench:
    """One subject at work.

    Attributes
    ----------
    least : dict
        By size (None where there are no sizes) the least seconds of CPU time that a call took.
    stopped : Counter
        By size how many calls were stopped because they used too much.
    """

    def __init__(self, subject: Subject, work: Work, runner: Runner, *, seconds: float) -> None:
        self.subject = subject
        self.least: dict[int | None, float] = {}
        self.stopped: Counter[int | None] = Counter()
        self._work = work
        self._runner = runner
        self._seconds = seconds
        self._link: SocketLink | None = None
        self._args: tuple[Any, ...] = ()

    def time(self, number: int, *, size: int | None = None, cap: float = math.inf) -> None:
        """Measure one call; one that uses more CPU time than `cap` is stopped there."""
        known = self.least.get(size, math.inf)
        count = 1 if math.isinf(known) else min(max(math.ceil(SHORTEST / known), 1), MOST_AT_A_TIME)
        series = [self._work.args(number, place, size) for place in range(count)]
        with self._blame():
            link = self._prepare(series)
            clock = cpu_clock(link.pid)
            started, deadline = time.clock_gettime_ns(clock), time.monotonic() + self._seconds
            link.send({"do": "go"})
            answer = None
            while answer is None:
                answer = link.wait(POLL_SECONDS)
                used = (time.clock_gettime_ns(clock) - started) / 1e9 / count
                if answer is None and used > max(cap, NEVER_STOPPED):
                    self.close()
                    self.stopped[size] += 1
                    break
                if answer is None and time.monotonic() > deadline:
                    message = f"no answer within {self._seconds:g} s of wall time: an endless loop?"
                    raise WorkerLost(message, "timed out")
            if answer is not None:
                checked(answer, self._work.name)
        self.least[size] = min(known, used)

    def judge(self, judge: Judge) -> None:
        """Refuse a wrong result of the last call; one that was stopped has none."""
        if self._link is not None:
            judge(self._ask(self._link, {"do": "fetch"}), *self._args)

    def peak_bytes(self) -> tuple[int, Any, tuple[Any, ...]]:
        """The memory that a call takes at its peak in a fresh process, its result, and its arguments."""
        self.close()
        args = self._work.args(EXACT_MEMORY_SEED)
        with self._blame():
            link = self._prepare([args], exact_memory=True)
            Path(f"/proc/{link.pid}/clear_refs").write_text("5")
            before = _status_bytes(link.pid, "VmRSS")
            self._ask(link, {"do": "go"})
            peak = _status_bytes(link.pid, "VmHWM")
            result = self._ask(link, {"do": "fetch"})
        self.close()
        return max(peak - before, 0), result, args

    def lines(self, most: int) -> int:
        """How many lines of its own file a call runs; counting stops at `most`."""
        link = self._prepare([self._work.args(0)])
        return int(self._ask(link, {"do": "count_lines", "most": most}))

    def cuda(self, number: int) -> dict[str, Any]:
        """What `mlkata.cuda.measure_call` finds of one call."""
        link = self._prepare([self._work.args(number)])
        figures: dict[str, Any] = self._ask(link, {"do": "cuda"})
        return figures

    def close(self) -> None:
        """End the worker; the next call gets a fresh one."""
        if self._link is not None:
            kill(self._link)
            self._link = None

    def _prepare(self, series: Sequence[tuple[Any, ...]], *, exact_memory: bool = False) -> SocketLink:
        if self._link is None:
            order = Order(str(self.subject.path), exact_memory=exact_memory)
            self._link = self._runner.worker(order, seconds=self._seconds)
            self._ask(self._link, {"do": "load", "name": self.subject.name, "entry": {}})
        if any(callable(item) for args in series for item in (*args, *self._work.options.values())):
            where = f"what {self._work.name} is measured with"
            raise CatalogError(
                where, expected="plain data", found="a function", todo="build the function inside a probe"
            )
        target = self._work.target
        packed = target if isinstance(target, str) else probes.pack(target)
        request = {"do": "prepare", "target": packed, "series": list(series), "kwargs": self._work.options}
        self._ask(self._link, request)
        self._args = series[-1]
        return self._link

    def _ask(self, link: SocketLink, request: dict[str, Any]) -> Any:
        with self._blame():
            return checked(link.ask(request), self._work.name)["value"]

    @contextmanager
    def _blame(self) -> Iterator[None]:
        """What goes wrong inside is the submission's fault, of the reference its author's."""
        try:
            yield
        except (CatalogError, HarnessError):
            raise
        except Exception as error:
            if not self.subject.is_reference:
                raise
            where, found = str(self.subject.path), f"{type(error).__name__}: {error}"
            raise CatalogError(
                where, expected="an answer to measure against", found=found, todo="mend the reference"
            ) from error


def cpu_clock(pid: int) -> int:
    """The number of the clock that counts a process's CPU time in nanoseconds (Linux: clock_getcpuclockid)."""
    return (~pid << 3) | 2


def _status_bytes(pid: int, field: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    raise WorkerLost("the process that held the submission died")
