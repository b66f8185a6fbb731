"""A worker whose calls are measured in CPU time and memory from outside its process."""

from __future__ import annotations

import math
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlkata import probes, wire
from mlkata.errors import CatalogError, HarnessError, WorkerLost
from mlkata.links import SocketLink
from mlkata.process import Process
from mlkata.runner import Order, Runner
from mlkata.submission import checked

Target = str | Callable[..., Any]
Inputs = Callable[..., tuple[Any, ...]]
Judge = Callable[..., None]

SHORTEST = 0.004  # seconds of CPU time; shorter calls are measured several at a time
MOST_AT_A_TIME = 64
NEVER_STOPPED = 0.25  # seconds of CPU time that any call may use, so that a cold start does not count as slowness
PATIENCE = 6.0  # seconds of CPU time that a call may use before the reference is asked whether that is much
POLL_SECONDS = 0.02
MEMORY_ROUND = 1 << 20  # the round whose inputs memory is measured with; no round of calls has them
MOST_JUDGED = 3  # results of a row of calls, chosen after they are all there
CARRYING = 1.5  # times what the reference needs to carry arguments and results
CARRYING_SECONDS = 0.001  # for a row of calls that takes the reference as long as SHORTEST
CARRYING_COPIES = 4  # of arguments or results, that the worker makes on their way
CARRYING_BYTES = 4 << 20
CODE_BYTES = 8 << 20  # of libraries that a submission may run, beyond those that the reference runs
LOADING_BYTES = 32 << 20  # that importing a submission may keep, beyond what importing the reference keeps


class Stopped(Exception):
    """A call was stopped because it used too much CPU time."""


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

    What is done before a call and after it, while arguments and results are carried, is measured as well: where that is
    clearly more than carrying them takes, the rest counts as part of the call, so that no work can be hidden there.

    Parameters
    ----------
    subject : Subject
    work : Work
    runner : Runner
        Where workers come from.
    seconds : float
        Wall time after which a call counts as hung.
    memory_mb : float
        What a worker may take; 0 for no limit.
    beside : Bench, optional
        The reference at the same work, which is measured first.

    Attributes
    ----------
    least : dict
        By size (None where there are no sizes) the least seconds of CPU time that a call took.
    stopped : Counter
        By size how many calls were stopped because they used too much.
    """

    def __init__(
        self,
        subject: Subject,
        work: Work,
        runner: Runner,
        *,
        seconds: float,
        memory_mb: float = 0.0,
        beside: Bench | None = None,
    ) -> None:
        self.subject = subject
        self.least: dict[int | None, float] = {}
        self.stopped: Counter[int | None] = Counter()
        self._work = work
        self._runner = runner
        self._seconds = seconds
        self._memory_mb = memory_mb
        self._beside = beside
        self._link: SocketLink | None = None
        self._source = ""
        self._series: list[tuple[Any, ...]] = []
        self._results: list[Any] = []
        self._number = 0
        self._floors: set[int | None] = set()  # whose calls were all stopped
        self._counts: dict[int | None, int] = {}  # of calls at a time, when the least time was measured
        self._carrying_time: dict[int | None, dict[int, tuple[float, float]]] = {}
        self._fresh_bytes = 0
        self._loaded_bytes = 0
        self._fresh_code = 0
        self._most_code = 0

    def time(self, number: int, *, size: int | None = None, cap: float = math.inf) -> None:
        """Measure one call; one that uses more CPU time than `cap` is stopped there."""
        known = self.least.get(size, math.inf)
        count = 1 if math.isinf(known) else min(max(math.ceil(SHORTEST / max(known, 1e-9)), 1), MOST_AT_A_TIME)
        self._number = number
        series = [self._work.args(number, place, size) for place in range(count)]
        with self._blame():
            link = self._begin()
            start = link.process.cpu_nanoseconds()
            self._prepare(link, series)
            ready = link.process.cpu_nanoseconds()
            done = self._go(link, ready, max(cap, NEVER_STOPPED) * count)
            if done is None:
                self.stopped[size] += 1
                used = max(cap, NEVER_STOPPED) * count
            else:
                self._fetch(link, count)
                after = link.process.cpu_nanoseconds() - done
                used = (done - ready) / 1e9 + self._hidden_time(size, count, ((ready - start) / 1e9, after / 1e9))
                link.process.signal(signal.SIGSTOP)  # while the other side is measured
        self._keep(size, count, used / count, is_floor=done is None)

    def _keep(self, size: int | None, count: int, seconds: float, *, is_floor: bool) -> None:
        """The least time counts; but one call alone tells little where many at a time are needed.

        Where every call was stopped, the one that was let run longest tells most.
        """
        before, known = self._counts.get(size, 0), self.least.get(size, math.inf)
        if size in self._floors:
            self.least[size] = max(known, seconds) if is_floor else seconds
        else:
            self.least[size] = seconds if count >= 2 * before else min(known, seconds)
        if is_floor and math.isinf(known):
            self._floors.add(size)
        elif not is_floor:
            self._floors.discard(size)
        self._counts[size] = max(count, before)

    def judge(self, judge: Judge) -> None:
        """Refuse a wrong result of the last calls, some of which are looked at; those that were stopped have none."""
        import numpy as np

        rng = np.random.default_rng([self._work.seed, self._number, len(self._results)])
        for place in rng.permutation(len(self._results))[:MOST_JUDGED]:
            judge(self._results[place], *self._series[place])

    def peak_bytes(self, cap: Callable[[], float] | None = None) -> tuple[int, Any, tuple[Any, ...]]:
        """The memory that a call takes at its peak in a fresh process, its result, and its arguments.

        A call that uses more than PATIENCE, and more CPU time than `cap` says then, is stopped there.

        Raises
        ------
        Stopped
            The call was stopped.
        """
        self.close()
        args = self._work.args(MEMORY_ROUND)
        with self._blame():
            link = self._begin(exact_memory=True)
            held = self._held_bytes()
            preparing = self._peak_of(link, held, lambda: self._prepare(link, [args], trim=True)) - _carrying_bytes(
                args
            )
            held += _carrying_bytes(args)
            calling = self._peak_of(link, held, lambda: self._go_or_stop(link, cap))
            fetching = self._peak_of(link, held + calling, lambda: self._fetch(link, 1))
            result = self._results[0]
        self.close()
        return max(calling, preparing, fetching - _carrying_bytes(result)), result, args

    def _held_bytes(self) -> int:
        """What the worker may have before it is given anything, however much it took when it was imported."""
        if self._beside is None:
            return self._fresh_bytes + self._loaded_bytes
        return self._fresh_bytes + self._beside._loaded_bytes + LOADING_BYTES

    def _peak_of(self, link: SocketLink, held: int, step: Callable[[], object]) -> int:
        """The memory at the peak of a step, beyond what there is before it, of which no more than `held` counts."""
        process = link.process
        process.forget_peak()
        before = min(process.resident_bytes() - self._code_bytes(process), held)
        step()
        return max(process.peak_bytes() - self._code_bytes(process) - before, 0)

    def _code_bytes(self, process: Process) -> int:
        """How much of a worker's memory is libraries' code that it ran, which is no memory of its own.

        Of a submission's no more is believed to be code than there was at first, and about what the reference ran.
        """
        mapped = process.mapped_bytes()
        if self._beside is None:
            self._most_code = max(self._most_code, mapped - self._fresh_code)
            return mapped
        return min(mapped, self._fresh_code + self._beside._most_code + CODE_BYTES)

    def _go(self, link: SocketLink, ready: int, cap: float, raised: Callable[[], float] | None = None) -> int | None:
        """Make the prepared calls; the CPU time in nanoseconds after them, None where they were stopped at `cap`.

        Once `cap` is reached, `raised` is asked, while the calls stand still, how far it may be raised.
        """
        deadline = time.monotonic() + self._seconds
        link.send({"do": "go"})
        while True:
            answer = link.wait(POLL_SECONDS)
            if answer is not None:
                checked(answer, self._work.name)
                return link.process.cpu_nanoseconds()
            if (link.process.running_cpu_nanoseconds() - ready) / 1e9 > cap:
                if raised is not None:
                    stood = time.monotonic()
                    link.process.signal(signal.SIGSTOP)
                    cap, raised = max(cap, raised()), None
                    link.process.signal(signal.SIGCONT)
                    deadline += time.monotonic() - stood
                    continue
                self.close()
                return None
            if time.monotonic() > deadline:
                raise WorkerLost.hung(self._seconds)

    def _go_or_stop(self, link: SocketLink, cap: Callable[[], float] | None) -> None:
        """Make the prepared call; once it has used PATIENCE, `cap` says how much it may use."""
        ready = link.process.cpu_nanoseconds()
        if self._go(link, ready, PATIENCE if cap else math.inf, cap) is None:
            raise Stopped

    def _hidden_time(self, size: int | None, count: int, carrying: tuple[float, float]) -> float:
        """Seconds beyond what the reference needs to carry the arguments and results of as many calls."""
        if self._beside is None:
            times = self._carrying_time.setdefault(size, {})
            known = times.get(count, (0.0, 0.0))
            times[count] = (max(known[0], carrying[0]), max(known[1], carrying[1]))
            return 0.0
        beside = self._beside
        slack = CARRYING_SECONDS * min(beside.least.get(size, 0.0) * count / SHORTEST, 1.0)
        usual = _carrying_of(count, beside._carrying_time.get(size, {}))
        return sum(max(took - CARRYING * each - slack, 0) for took, each in zip(carrying, usual, strict=True))

    def lines(self, most: int) -> int:
        """How many lines of its own file a call runs; counting stops at `most`."""
        with self._blame():
            link = self._begin()
            self._prepare(link, [self._work.args(0)])
            return int(self._ask(link, {"do": "count_lines", "most": most}))

    def cuda(self, number: int) -> dict[str, Any]:
        """What `mlkata.cuda.measure_call` finds of one call."""
        with self._blame():
            link = self._begin()
            self._prepare(link, [self._work.args(number)])
            figures: dict[str, Any] = self._ask(link, {"do": "cuda"})
            return figures

    def close(self) -> None:
        """End the worker; the next call gets a fresh one."""
        if self._link is not None:
            self._link.close()
            self._link = None
        self._results = []

    def _begin(self, *, exact_memory: bool = False) -> SocketLink:
        """The worker, with the subject loaded."""
        if self._link is not None:
            self._link.process.signal(signal.SIGCONT)
        else:
            self._source = self._source or self.subject.path.read_text(encoding="utf-8-sig")
            order = Order(self.subject.path.name, memory_mb=self._memory_mb, exact_memory=exact_memory, no_files=True)
            self._link = self._runner.worker(order, seconds=self._seconds)
            self._ask(self._link, {"do": "fetch"})  # what answers is all there is as yet
            process = self._link.process
            self._fresh_code = process.mapped_bytes()
            self._fresh_bytes = process.resident_bytes() - self._fresh_code
            self._ask(self._link, {"do": "load", "name": self.subject.name, "entry": {}, "source": self._source})
            self._loaded_bytes = max(process.resident_bytes() - self._code_bytes(process) - self._fresh_bytes, 0)
        return self._link

    def _prepare(self, link: SocketLink, series: list[tuple[Any, ...]], *, trim: bool = False) -> None:
        if any(callable(item) for args in series for item in (*args, *self._work.options.values())):
            where = f"what {self._work.name} is measured with"
            raise CatalogError(
                where, expected="plain data", found="a function", todo="build the function inside a probe"
            )
        target = self._work.target
        packed = target if isinstance(target, str) else probes.pack(target)
        self._series, self._results = series, []
        request = {"do": "prepare", "target": packed, "series": series, "kwargs": self._work.options, "trim": trim}
        self._ask(link, request)

    def _fetch(self, link: SocketLink, count: int) -> None:
        results = self._ask(link, {"do": "fetch"})
        if type(results) is not list or len(results) != count:
            raise WorkerLost.nonsense()
        self._results = results

    def _ask(self, link: SocketLink, request: dict[str, Any]) -> Any:
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


def _carrying_of(count: int, times: dict[int, tuple[float, float]]) -> tuple[float, float]:
    """Seconds that rows of `count` calls take on their way there and back, from those of other rows."""
    less = max((each for each in times if each <= count), default=0)
    more = min((each for each in times if each >= count), default=0)
    if not less or not more:
        known = less or more
        share = count / known if known else 0.0
        there, back = times.get(known, (0.0, 0.0))
        return there * share, back * share
    share = (count - less) / (more - less) if more > less else 0.0
    (there, back), (far_there, far_back) = times[less], times[more]
    return there + share * (far_there - there), back + share * (far_back - back)


def _carrying_bytes(value: Any) -> int:
    """Memory that a worker may need for a value on its way."""
    return CARRYING_COPIES * len(wire.encode(value)) + CARRYING_BYTES
