"""CPU-time ratio, growth, peak memory and CUDA figures of a submission, from outside its process.

Nothing here is held against a clock: figures are compared with those of the reference on the same inputs in the same
run. Every measurement draws fresh inputs, and a result that is wrong is refused however fast it came.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlkata import probes
from mlkata.compare import Mismatch
from mlkata.errors import CatalogError, WorkerLost
from mlkata.links import SocketLink
from mlkata.report import Measurement
from mlkata.runner import Order, Runner, kill
from mlkata.submission import checked

Target = str | Callable[..., Any]
Inputs = Callable[..., tuple[Any, ...]]
Judge = Callable[..., None]

FEWEST_ROUNDS = 3
MOST_ROUNDS = 9
CLEARLY = 0.6          # of a limit: measured below this, no more rounds are needed
HOPELESS = 4.0         # times a limit: a call that has used this much is stopped
MOST_LINES = 200_000
MEGABYTE = 2**20
POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Subject:
    """A source to measure: where it lies and its name."""

    name: str
    path: Path


class Measure:
    """Performance checks of one submission against the reference.

    Parameters
    ----------
    submission, reference : Subject
    runner : Runner
        Where workers come from.
    seed : int
        Of the inputs.
    seconds : float
        Wall time after which a call counts as hung.
    record : callable
        Is given each `Measurement`.
    remember : callable
        Is given the name and arguments of what is measured, for the learner to read.

    Notes
    -----
    `target` is the name of an entry or a probe; `inputs` makes the arguments from a numpy Generator (and a size, for
    growth); `options` are keyword arguments; `judge` is called with the result and the arguments and raises `Mismatch`
    where the result is wrong.
    """

    def __init__(
        self,
        submission: Subject,
        reference: Subject,
        runner: Runner,
        *,
        seed: int,
        seconds: float,
        record: Callable[[Measurement], None],
        remember: Callable[[str, tuple[Any, ...], dict[str, Any]], None],
    ) -> None:
        self._submission = submission
        self._reference = reference
        self._runner = runner
        self._seed = seed
        self._seconds = seconds
        self._record = record
        self._remember = remember

    def cpu_ratio(
        self,
        target: Target,
        inputs: Inputs,
        *,
        at_most: float,
        judge: Judge,
        options: dict[str, Any] | None = None,
        hint: str = "",
    ) -> float:
        """The submission's CPU time is at most `at_most` times the reference's on the same inputs.

        Both run in turn on fresh inputs, one thread each; the least time of each counts, and rounds are added before
        anything is refused.

        Raises
        ------
        Mismatch
            It takes longer, or its result is wrong.
        """
        ours, theirs = _Side(self, self._reference, options), _Side(self, self._submission, options)
        try:
            for number in range(MOST_ROUNDS):
                args = inputs(self._rng(number))
                ours.run(target, args, cap=math.inf)
                theirs.run(target, args, cap=HOPELESS * at_most * ours.least)
                if number == 0:
                    theirs.judge(judge, args)
                ratio = theirs.least / ours.least
                if number + 1 >= FEWEST_ROUNDS and (ratio <= CLEARLY * at_most or ratio >= HOPELESS * at_most):
                    break
                if number + 1 >= 2 and theirs.stopped > 1:
                    break
            self._record(Measurement("CPU time as a multiple of the reference's", ratio, at_most))
            if ratio > at_most:
                sentence = f"the call takes {_times(ratio, theirs)} times the CPU time of the reference"
                lines = self._compare_lines(target, args, options)
                raise Mismatch(_with_hint(sentence, hint), [f"at most {at_most:g} times are allowed", *lines])
            return ratio
        finally:
            ours.close()
            theirs.close()

    def growth(
        self,
        target: Target,
        inputs: Inputs,
        sizes: Sequence[int],
        *,
        at_most: float,
        judge: Judge,
        options: dict[str, Any] | None = None,
        hint: str = "",
    ) -> float:
        """From the first size to any other, CPU time grows at most ``(n / n_first) ** at_most`` times more than the reference's.

        So `at_most` is by how much the exponent may exceed that of the reference: 0.3 tells n log n from n squared.
        Sizes go up; where the growth to one of them is too much, the larger ones are not tried.

        Raises
        ------
        Mismatch
            It grows faster, or a result is wrong.
        """
        sides = [(_Side(self, self._reference, options), _Side(self, self._submission, options)) for _ in sizes]
        excess, size = 0.0, sizes[0]
        try:
            for number in range(MOST_ROUNDS):
                excess, size = self._climb(sides, sizes, at_most, number, (target, inputs, judge))
                if excess <= CLEARLY * at_most or any(theirs.stopped > 1 for _, theirs in sides):
                    break
            what = "growth exponent of the CPU time beyond the reference's"
            self._record(Measurement(what, excess, at_most))
            if excess > at_most:
                growth = math.log(sides[sizes.index(size)][1].least / sides[0][1].least) / math.log(size / sizes[0])
                sentence = f"the CPU time grows like n ** {growth:.2f} from n = {sizes[0]:,} to n = {size:,}"
                raise Mismatch(_with_hint(sentence, hint), [f"that of the reference like n ** {growth - excess:.2f}"])
            return excess
        finally:
            for ours, theirs in sides:
                ours.close()
                theirs.close()

    def _climb(
        self,
        sides: Sequence[tuple[_Side, _Side]],
        sizes: Sequence[int],
        at_most: float,
        number: int,
        call: tuple[Target, Inputs, Judge],
    ) -> tuple[float, int]:
        """Measure the first size some times and the others once: the excess of the last, or of the first that is too much."""
        target, inputs, judge = call
        ours_first, theirs_first = sides[0]
        for again in range(FEWEST_ROUNDS):
            args = inputs(self._rng(number * FEWEST_ROUNDS + again), sizes[0])
            ours_first.run(target, args, cap=math.inf)
            theirs_first.run(target, args, cap=math.inf)
        excess, size = 0.0, sizes[0]
        for (ours, theirs), size in zip(sides[1:], sizes[1:], strict=True):
            args = inputs(self._rng(number), size)
            ours.run(target, args, cap=math.inf)
            expected = theirs_first.least * ours.least / ours_first.least
            ratio = size / sizes[0]
            theirs.run(target, args, cap=ratio ** (HOPELESS / 2 * at_most) * expected)
            if number == 0:
                theirs.judge(judge, args)
            excess = math.log(theirs.least / expected) / math.log(ratio)
            if excess > at_most:
                break
        return excess, size

    def peak_memory(
        self,
        target: Target,
        inputs: Inputs,
        *,
        at_most: float,
        judge: Judge,
        options: dict[str, Any] | None = None,
        hint: str = "",
    ) -> float:
        """The memory that a call takes at its peak is at most `at_most` times what the reference's takes.

        Raises
        ------
        Mismatch
            It takes more, or its result is wrong.
        """
        args = inputs(self._rng(0))
        ours, _ = self._peak_bytes(self._reference, target, args, options)
        theirs, result = self._peak_bytes(self._submission, target, args, options)
        ratio = theirs / max(ours, MEGABYTE)
        self._record(Measurement("peak memory as a multiple of the reference's", ratio, at_most))
        judge(result, *args)
        if ratio > at_most:
            sentence = f"the call takes {ratio:.1f} times the memory of the reference at its peak"
            details = [f"{theirs / MEGABYTE:.0f} MB, the reference {ours / MEGABYTE:.0f} MB", f"at most {at_most:g} times are allowed"]
            raise Mismatch(_with_hint(sentence, hint), details)
        return ratio

    def peak_megabytes(
        self,
        target: Target,
        inputs: Inputs,
        *,
        at_most: float,
        judge: Judge,
        options: dict[str, Any] | None = None,
        hint: str = "",
    ) -> float:
        """The memory that a call takes at its peak is at most `at_most` megabytes (2**20 bytes).

        Raises
        ------
        Mismatch
            It takes more, or its result is wrong.
        """
        args = inputs(self._rng(0))
        peak, result = self._peak_bytes(self._submission, target, args, options)
        megabytes = peak / MEGABYTE
        self._record(Measurement("peak memory in MB", megabytes, at_most))
        judge(result, *args)
        if megabytes > at_most:
            sentence = f"the call takes {megabytes:.0f} MB of memory at its peak"
            raise Mismatch(_with_hint(sentence, hint), [f"at most {at_most:g} MB are allowed"])
        return megabytes

    def cuda(
        self,
        target: Target,
        inputs: Inputs,
        *,
        judge: Judge,
        at_most_time: float = math.inf,
        at_most_memory: float = math.inf,
        may_wait: bool = False,
        options: dict[str, Any] | None = None,
        hint: str = "",
    ) -> dict[str, Any]:
        """On a CUDA device: results stay there, the host does not wait, time and memory are multiples of the reference's.

        Raises
        ------
        Mismatch
            One of these does not hold, or the result is wrong.
        """
        figures: list[list[dict[str, Any]]] = [[], []]
        sides = [_Side(self, self._reference, options), _Side(self, self._submission, options)]
        try:
            for number in range(FEWEST_ROUNDS):
                args = inputs(self._rng(number))
                for side, found in zip(sides, figures, strict=True):
                    side.run(target, args, cap=math.inf)
                    if number == 0 and side is sides[1]:
                        side.judge(judge, args)
                    side.prepare(target, args)
                    found.append(side.ask({"do": "cuda"})["value"])
        finally:
            for side in sides:
                side.close()
        return _judge_cuda(figures, at_most_time, at_most_memory, may_wait, self._record, hint)

    def start(self, subject: Subject, *, exact_memory: bool = False) -> SocketLink:
        """A worker that has loaded a subject."""
        order = Order(str(subject.path), exact_memory=exact_memory)
        link = self._runner.worker(order, seconds=self._seconds)
        checked(link.ask({"do": "load", "name": subject.name, "entry": {}}), subject.name)
        return link

    def note_call(self, target: Target, args: tuple[Any, ...], options: dict[str, Any] | None) -> None:
        """Let the learner read what is called."""
        self._remember(target if isinstance(target, str) else probes.title(target), args, options or {})

    def check_reference(self, subject: Subject, error: Exception) -> None:
        """Raise a CatalogError where it was the reference that failed."""
        if subject is self._reference:
            found = f"{type(error).__name__}: {error}"
            raise CatalogError(
                str(subject.path), expected="an answer to measure against", found=found, todo="mend the reference"
            ) from error

    def _peak_bytes(
        self, subject: Subject, target: Target, args: tuple[Any, ...], options: dict[str, Any] | None
    ) -> tuple[int, Any]:
        link = self.start(subject, exact_memory=True)
        if subject is self._submission:
            self.note_call(target, args, options)
        try:
            ask_prepare(link, target, args, options)
            Path(f"/proc/{link.pid}/clear_refs").write_text("5")
            before = _status_bytes(link.pid, "VmRSS")
            checked(link.ask({"do": "go"}), subject.name)
            peak = _status_bytes(link.pid, "VmHWM")
            return max(peak - before, 0), checked(link.ask({"do": "fetch"}), subject.name)["value"]
        except (Exception, WorkerLost) as error:
            self.check_reference(subject, error)
            raise
        finally:
            kill(link)

    def _compare_lines(self, target: Target, args: tuple[Any, ...], options: dict[str, Any] | None) -> list[str]:
        """How many lines of Python each side ran, where that explains the difference."""
        counts = []
        for subject in (self._reference, self._submission):
            link = self.start(subject)
            try:
                ask_prepare(link, target, args, options)
                counts.append(int(checked(link.ask({"do": "count_lines", "most": MOST_LINES}), subject.name)["value"]))
            except Exception:
                return []
            finally:
                kill(link)
        ours, theirs = counts
        if theirs < 10 * max(ours, 10):
            return []
        more = "more than " if theirs >= MOST_LINES else ""
        return [f"it ran {more}{theirs:,} lines of Python where the reference ran {ours:,}: a loop over the data?"]

    def _rng(self, number: int) -> Any:
        import numpy as np

        return np.random.default_rng([self._seed, number])


class _Side:
    """One of the two that are measured, with its worker and its best time."""

    def __init__(self, measure: Measure, subject: Subject, options: dict[str, Any] | None) -> None:
        self.least = math.inf
        self.stopped = 0
        self._measure = measure
        self._subject = subject
        self._options = options
        self._link: SocketLink | None = None

    def run(self, target: Target, args: tuple[Any, ...], *, cap: float) -> None:
        """Measure one call in seconds of CPU time; one that uses more than `cap` is stopped there."""
        if self._subject is self._measure._submission:
            self._measure.note_call(target, args, self._options)
        self.prepare(target, args)
        assert self._link is not None
        clock = cpu_clock(self._link.pid)
        started = time.clock_gettime_ns(clock)
        self._link.send({"do": "go"})
        answer, deadline = None, time.monotonic() + self._measure._seconds
        while answer is None:
            answer = self._link.wait(POLL_SECONDS)
            used = (time.clock_gettime_ns(clock) - started) / 1e9
            if answer is None and (used > cap or time.monotonic() > deadline):
                self.close()
                self.stopped += 1
                self.least = min(self.least, used)
                return
        checked(answer, self._subject.name)
        self.least = min(self.least, used)

    def prepare(self, target: Target, args: tuple[Any, ...]) -> None:
        try:
            self._link = self._link or self._measure.start(self._subject)
            ask_prepare(self._link, target, args, self._options)
        except Exception as error:
            self._measure.check_reference(self._subject, error)
            raise

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._link is not None
        return checked(self._link.ask(request), self._subject.name)

    def judge(self, judge: Judge, args: tuple[Any, ...]) -> None:
        """Refuse a wrong result; a call that was stopped has none."""
        if self._link is not None:
            judge(self.ask({"do": "fetch"})["value"], *args)

    def close(self) -> None:
        if self._link is not None:
            kill(self._link)
            self._link = None


def ask_prepare(link: SocketLink, target: Target, args: tuple[Any, ...], options: dict[str, Any] | None) -> None:
    """Make a call ready in a worker."""
    packed = target if isinstance(target, str) else probes.pack(target)
    name = target if isinstance(target, str) else probes.title(target)
    checked(link.ask({"do": "prepare", "target": packed, "args": args, "kwargs": options or {}}), name)


def cpu_clock(pid: int) -> int:
    """The number of the clock that counts a process's CPU time in nanoseconds (Linux: clock_getcpuclockid)."""
    return (~pid << 3) | 2


def available() -> str:
    """An empty string, or why performance cannot be measured here."""
    return "" if os.uname().sysname == "Linux" else "performance is measured on Linux alone"


def _status_bytes(pid: int, field: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    raise WorkerLost("the process that held the submission died")


def _judge_cuda(
    figures: list[list[dict[str, Any]]],
    at_most_time: float,
    at_most_memory: float,
    may_wait: bool,
    record: Callable[[Measurement], None],
    hint: str,
) -> dict[str, Any]:
    ours, theirs = figures
    elsewhere = {device for found in theirs for device in found["devices"]} - {"cuda"}
    if elsewhere:
        raise Mismatch(_with_hint(f"the result lies on {', '.join(sorted(elsewhere))}, not on the inputs' device", hint))
    waits = next((found["synchronised"] for found in theirs if found["synchronised"]), "")
    if waits and not may_wait:
        raise Mismatch(_with_hint("the host waits for the device during the call: .item(), .cpu(), print or a mask?", hint), [waits])
    for what, key, limit in (("time", "milliseconds", at_most_time), ("peak memory", "peak_bytes", at_most_memory)):
        least = max(min(found[key] for found in ours), 1e-3)
        ratio = min(found[key] for found in theirs) / least
        if math.isfinite(limit):
            record(Measurement(f"CUDA {what} as a multiple of the reference's", ratio, limit))
        if ratio > limit:
            sentence = f"the call takes {ratio:.1f} times the {what} of the reference on the device"
            raise Mismatch(_with_hint(sentence, hint), [f"at most {limit:g} times are allowed"])
    return theirs[0]


def _times(ratio: float, side: _Side) -> str:
    return f"more than {ratio:.0f}" if side.stopped else f"{ratio:.1f}"


def _with_hint(sentence: str, hint: str) -> str:
    return f"{sentence}: {hint}" if hint else sentence
