"""Performance checks: CPU-time ratio, growth, peak memory and CUDA figures, against the reference.

Nothing here is held against a clock: figures are compared with those of the reference on the same inputs in the same
run. Every measurement draws fresh inputs, and a result that is wrong is refused however fast it came.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from mlkata.bench import Bench, Inputs, Judge, Stopped, Subject, Target, Work
from mlkata.compare import Mismatch
from mlkata.report import Measurement
from mlkata.runner import Runner

FEWEST_ROUNDS = 3
MOST_ROUNDS = 6
CLEARLY = 0.6  # of a limit: measured below this, no more rounds are needed
HOPELESS = 3.0  # times a limit: a call that has used this much is stopped
EXPONENT_MARGIN = 1.6  # an exponent is a logarithm: times 1.6 is more than twice the time between sizes ten apart
FAR = 300.0  # times the reference's CPU time: a call that takes this long at the first size is not worth waiting for
QUICK = 0.1  # seconds of CPU time
MOST_LINES = 20_000
MEGABYTE = 2**20
LEAST_MEMORY = 1.0  # MB that the reference counts as taking at least


class Measure:
    """What the fixture `measure` gives to a check.

    Parameters
    ----------
    submission, reference : Subject
    reference_runner, runner : Runner
        Where workers come from: the reference's, and the submission's, which may be behind walls.
    seed : int
        Of the inputs.
    seconds : float
        Wall time after which a call counts as hung.
    record : callable
        Is given each `Measurement`.
    remember : callable
        Is given the name and arguments of what is measured, for the learner to read.
    memory_mb : float
        What the submission's worker may take; 0 for no limit.
    stand_still : callable
        Makes a context in which no other process of the submission runs, so that none can do the work unmeasured.

    Notes
    -----
    In the methods `target` is the name of an entry or a probe; `inputs` makes the arguments from a numpy Generator (and
    a size, for growth); `options` are keyword arguments; `judge` is called with the result and the arguments and raises
    `Mismatch` where the result is wrong; `hint` says where to look.
    """

    def __init__(
        self,
        submission: Subject,
        reference: Subject,
        reference_runner: Runner,
        runner: Runner,
        *,
        seed: int,
        seconds: float,
        record: Callable[[Measurement], None],
        remember: Callable[[str, tuple[Any, ...], dict[str, Any]], None],
        memory_mb: float = 0.0,
        stand_still: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._subjects = (reference, submission)
        self._runners = (reference_runner, runner)
        self._memory_mb = memory_mb
        self._stand_still = stand_still
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
        with self._benches(target, inputs, options) as (ours, theirs):
            ratio = 0.0
            ours.time(MOST_ROUNDS)  # the first call is cold: no bound should come from it
            for number in range(MOST_ROUNDS):
                ours.time(number)
                theirs.time(number, cap=HOPELESS * at_most * ours.least[None])
                theirs.judge(judge)
                ratio = theirs.least[None] / ours.least[None]
                enough = CLEARLY if number + 1 >= FEWEST_ROUNDS else CLEARLY / 2
                if theirs.stopped[None] > 1 or (number > 0 and ratio <= enough * at_most):
                    break
            self._record(Measurement("CPU time as a multiple of the reference's", ratio, at_most))
            if ratio > at_most:
                times = f"more than {ratio:.0f}" if theirs.stopped[None] else f"{ratio:.1f}"
                sentence = f"the call takes {times} times the CPU time of the reference"
                details = [f"at most {at_most:g} times are allowed", *_compare_lines(ours, theirs)]
                raise Mismatch(_with_hint(sentence, hint), details)
            return ratio

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
        """CPU time grows at most ``(n / first) ** at_most`` times more than the reference's.

        So `at_most` is by how much the exponent may exceed that of the reference: 0.25 tells n log n from n squared.
        Sizes go up; where the growth to one of them is too much, the larger ones are not tried. A call that takes FAR
        times the reference's time at the first size is refused for that.

        Raises
        ------
        Mismatch
            It grows faster, or a result is wrong.
        """
        with self._benches(target, inputs, options, sizes[0]) as (ours, theirs):
            excess, size = 0.0, sizes[0]
            for number in range(MOST_ROUNDS):
                excess, size = _climb(ours, theirs, sizes, at_most, number, judge)
                if theirs.stopped[sizes[0]] > 1:
                    sentence = f"the call takes more than {FAR:g} times the CPU time of the reference at n = {size:,}"
                    raise Mismatch(_with_hint(sentence, hint), ["so its growth could not be told"])
                if excess <= CLEARLY * at_most or max(theirs.stopped.values(), default=0) > 1:
                    break
                if number + 1 >= FEWEST_ROUNDS and excess >= at_most / CLEARLY:
                    break
            self._record(
                Measurement("growth exponent of the CPU time beyond the reference's", excess, at_most, EXPONENT_MARGIN)
            )
            if excess > at_most:
                growth = math.log(theirs.least[size] / theirs.least[sizes[0]]) / math.log(size / sizes[0])
                sentence = f"the CPU time grows like n ** {growth:.2f} from n = {sizes[0]:,} to n = {size:,}"
                raise Mismatch(_with_hint(sentence, hint), [f"that of the reference like n ** {growth - excess:.2f}"])
            return excess

    def peak_memory(
        self,
        target: Target,
        inputs: Inputs,
        *,
        at_most: float,
        judge: Judge,
        options: dict[str, Any] | None = None,
        hint: str = "",
        at_most_time: float = 50.0,
    ) -> float:
        """The memory that a call takes at its peak is at most `at_most` times what the reference's takes.

        A long call that uses more than `at_most_time` times the CPU time of the reference is stopped and refused.

        Raises
        ------
        Mismatch
            It takes more, or its result is wrong.
        """
        with self._benches(target, inputs, options) as (ours, theirs):
            allowed = max(ours.peak_bytes()[0] / MEGABYTE, LEAST_MEMORY)
            peak, result, args = _peak_in_time(ours, theirs, at_most_time, hint)
            ratio = peak / MEGABYTE / allowed
            self._record(Measurement("peak memory as a multiple of the reference's", ratio, at_most))
            judge(result, *args)
            if ratio > at_most:
                sentence = f"the call takes {ratio:.1f} times the memory of the reference at its peak"
                details = [
                    f"{peak / MEGABYTE:.0f} MB, the reference {allowed:.0f} MB",
                    f"at most {at_most:g} times are allowed",
                ]
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
        at_most_time: float = 50.0,
    ) -> float:
        """The memory that a call takes at its peak is at most `at_most` megabytes (2**20 bytes).

        A long call that uses more than `at_most_time` times the CPU time of the reference is stopped and refused.

        Raises
        ------
        Mismatch
            It takes more, or its result is wrong.
        """
        with self._benches(target, inputs, options) as (ours, theirs):
            peak, result, args = _peak_in_time(ours, theirs, at_most_time, hint)
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
    ) -> None:
        """On a CUDA device results stay there, the host does not wait, and time and memory are near the reference's.

        Raises
        ------
        Mismatch
            One of these does not hold, or the result is wrong.
        """
        figures: tuple[list[dict[str, Any]], list[dict[str, Any]]] = ([], [])
        with self._benches(target, inputs, options) as benches:
            benches[1].time(0)
            benches[1].judge(judge)
            for number in range(FEWEST_ROUNDS):
                for bench, found in zip(benches, figures, strict=True):
                    found.append(bench.cuda(number))
        ours, theirs = figures
        _judge_whereabouts(theirs, may_wait, hint)
        for what, key, limit in (("time", "milliseconds", at_most_time), ("peak memory", "peak_bytes", at_most_memory)):
            if math.isfinite(limit):
                ratio = min(found[key] for found in theirs) / max(min(found[key] for found in ours), 1e-3)
                self._record(Measurement(f"CUDA {what} as a multiple of the reference's", ratio, limit))
                if ratio > limit:
                    sentence = f"the call takes {ratio:.1f} times the {what} of the reference on the device"
                    raise Mismatch(_with_hint(sentence, hint), [f"at most {limit:g} times are allowed"])

    @contextmanager
    def _benches(
        self, target: Target, inputs: Inputs, options: dict[str, Any] | None, *size: int
    ) -> Iterator[tuple[Bench, Bench]]:
        """The reference and the submission at the same work."""
        work = Work(target, inputs, options or {}, self._seed)
        self._remember(work.name, work.args(0, 0, *size), work.options)
        reference, submission = self._subjects
        ours = Bench(reference, work, self._runners[0], seconds=self._seconds)
        theirs = Bench(
            submission, work, self._runners[1], seconds=self._seconds, memory_mb=self._memory_mb, beside=ours
        )
        try:
            with self._stand_still():
                yield ours, theirs
        finally:
            ours.close()
            theirs.close()


def available() -> str:
    """An empty string, or why performance cannot be measured here."""
    return "" if sys.platform == "linux" else "performance is measured on Linux alone"


def _climb(
    ours: Bench, theirs: Bench, sizes: Sequence[int], at_most: float, number: int, judge: Judge
) -> tuple[float, int]:
    """Measure every size: the excess of the last, or of the first that is too much, and that size."""
    first = sizes[0]
    for again in range(FEWEST_ROUNDS):
        ours.time(number * FEWEST_ROUNDS + again, size=first)
        theirs.time(number * FEWEST_ROUNDS + again, size=first, cap=FAR * ours.least[first])
        if theirs.stopped[first] > 1:
            return math.inf, first
    excess, size = 0.0, first
    for size in sizes[1:]:
        for again in range(FEWEST_ROUNDS - 1):
            ours.time(number * FEWEST_ROUNDS + again, size=size)
        expected = theirs.least[first] * ours.least[size] / ours.least[first]
        ratio = size / first
        cap = ratio ** (1.1 * EXPONENT_MARGIN * at_most) * expected
        theirs.time(number, size=size, cap=cap)
        theirs.judge(judge)
        if theirs.least[size] < QUICK:  # once is enough where a call is long, and a short one is noisy
            theirs.time(number + MOST_ROUNDS, size=size, cap=cap)
            theirs.judge(judge)
        excess = math.log(theirs.least[size] / expected) / math.log(ratio)
        if excess > at_most:
            break
    return excess, size


def _peak_in_time(ours: Bench, theirs: Bench, at_most_time: float, hint: str) -> tuple[int, Any, tuple[Any, ...]]:
    """`Bench.peak_bytes`, of a call that does not take much longer than the reference's."""

    def cap() -> float:
        ours.time(0)
        return at_most_time * ours.least[None]

    try:
        return theirs.peak_bytes(cap)
    except Stopped:
        sentence = f"the call was stopped: it took more than {at_most_time:g} times the CPU time of the reference"
        details = ["so its memory could not be told"]
        raise Mismatch(_with_hint(sentence, hint), details) from None


def _compare_lines(ours: Bench, theirs: Bench) -> list[str]:
    """How many lines of Python each side ran, where that explains the difference."""
    try:
        mine, other = ours.lines(MOST_LINES), theirs.lines(MOST_LINES)
    except Exception:
        return []
    if other < 10 * max(mine, 10):
        return []
    more = "more than " if other >= MOST_LINES else ""
    return [f"it ran {more}{other:,} lines of Python where the reference ran {mine:,}: a loop over the data?"]


def _judge_whereabouts(figures: Sequence[dict[str, Any]], may_wait: bool, hint: str) -> None:
    elsewhere = {device for found in figures for device in found["devices"]} - {"cuda"}
    if elsewhere:
        raise Mismatch(
            _with_hint(f"the result lies on {', '.join(sorted(elsewhere))}, not on the inputs' device", hint)
        )
    waits = next((found["synchronised"] for found in figures if found["synchronised"]), "")
    if waits and not may_wait:
        sentence = "the host waits for the device during the call: .item(), .cpu(), print or a mask?"
        raise Mismatch(_with_hint(sentence, hint), [waits])


def _with_hint(sentence: str, hint: str) -> str:
    return f"{sentence}: {hint}" if hint else sentence
