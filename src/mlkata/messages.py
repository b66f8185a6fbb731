"""What a learner is told about a check that did not pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from mlkata.compare import Mismatch
from mlkata.describe import describe_call, shorten
from mlkata.errors import CatalogError, DoesNotLoad, HarnessError, RefusedByRules, WireError, WorkerLost
from mlkata.report import Outcome
from mlkata.submission import Call, Told


class Show(StrEnum):
    """How much of a failing check is shown.

    PROPERTY gives away neither hidden inputs, which an exception's own text could tell, nor the seed that makes them.
    """

    PROPERTY = "property"
    CALL = "call"
    FULL = "full"


@dataclass(frozen=True)
class Failure:
    """A check that did not pass, as it will be told.

    Attributes
    ----------
    outcome : Outcome
    broken : str
        The property, in a sentence that gives no value away.
    details : tuple of str
        Values: got, expected, where, how far off.
    frames : tuple of (int, str, str)
        Line number, function and text of the submission's own lines on the way to an exception.
    """

    outcome: Outcome
    broken: str
    details: tuple[str, ...] = ()
    frames: tuple[tuple[int, str, str], ...] = ()


def judge(error: BaseException, *, calls: Sequence[Call], path: Path, seconds: float) -> Failure:
    """What an exception that left a check means.

    Parameters
    ----------
    error : BaseException
    calls : sequence of Call
        What the check had asked of the submission by then.
    path : Path
        The submission, whose lines are shown.
    seconds : float
        The time limit, for the message of one that ran out.
    """
    told = getattr(error, "told", None)
    if isinstance(error, DoesNotLoad):
        return Failure(Outcome.NOT_LOADED, str(error))
    if isinstance(error, RefusedByRules):
        return Failure(Outcome.REFUSED, str(error))
    if isinstance(error, Mismatch):
        return Failure(Outcome.FAILED, error.broken, error.details, _frames(error.__cause__))
    if isinstance(told, Told):
        outcome = Outcome.NOT_IMPLEMENTED if told.type == "NotImplementedError" else Outcome.FAILED
        return Failure(outcome, f"your code raised {told.type}", (shorten(told.message, 500),), tuple(told.frames))
    if isinstance(error, WorkerLost):
        return Failure(Outcome(error.how), str(error))
    if type(error).__name__ == "Failed":
        return _failed_by_pytest(error, path, seconds)
    if isinstance(error, AssertionError):
        return Failure(Outcome.FAILED, shorten(str(error) or "an assertion does not hold", 1000))
    if calls and not isinstance(error, (CatalogError, HarnessError, WireError)):
        broken = f"what {calls[-1].name} returned does not have the form that the prompt describes"
        return Failure(Outcome.FAILED, broken, (f"{type(error).__name__}: {error}",))
    return Failure(
        Outcome.HARNESS_ERROR, f"the check itself is broken ({type(error).__name__}: {error}); please report it"
    )


def tell(
    failure: Failure, *, sentence: str, calls: Sequence[Call], conventions: Sequence[str], repeat: str, show: Show
) -> str:
    """The text under a failing check's name.

    Parameters
    ----------
    failure : Failure
    sentence : str
        What the check checks.
    calls : sequence of Call
        What it had asked of the submission; the last one is shown.
    conventions : sequence of str
        Keys of README.md's section "Conventions" that the check relies on.
    repeat : str
        The seed, and the command that repeats the check.
    show : Show
    """
    rows = [("broken", failure.broken)]
    if calls and show is not Show.PROPERTY:
        rows.insert(0, ("call", describe_call(calls[-1].name, calls[-1].args, calls[-1].kwargs)))
    if show is Show.FULL:
        rows += [("", detail) for detail in failure.details]
    elif failure.frames and show is Show.CALL:
        rows += [("", detail) for detail in failure.details[:1]]
    rows += [("your code", f"line {number}, in {name}: {line}") for number, name, line in failure.frames]
    if conventions:
        rows.append(("see", "README.md, Conventions: " + ", ".join(conventions)))
    if show is not Show.PROPERTY:
        rows.append(("seed", repeat))
    return "\n".join([sentence, "", *(_row(*row) for row in rows)])


def with_misconception(text: str, misconception: str) -> str:
    """What `tell` wrote, with the known mistake that the submission behaves like."""
    return f"{text}\n{_row('perhaps', f'you did what is a known mistake: {misconception}')}"


def _row(label: str, text: str) -> str:
    first, *others = text.split("\n")
    return "\n".join([f"  {label:10}{first}", *(f"  {'':10}{line}" for line in others)])


def _failed_by_pytest(error: BaseException, path: Path, seconds: float) -> Failure:
    text = str(error)
    if text.startswith("Timeout"):
        broken = f"the check did not end within {seconds:g} s: is there an endless loop?"
        return Failure(Outcome.TIMED_OUT, broken, frames=own_frames(error, path))
    return Failure(Outcome.FAILED, text.replace("DID NOT RAISE", "nothing was raised; expected"))


def _frames(error: BaseException | None) -> tuple[tuple[int, str, str], ...]:
    told: Any = getattr(error, "told", None)
    return tuple(told.frames) if isinstance(told, Told) else ()


def own_frames(error: BaseException, path: Path) -> tuple[tuple[int, str, str], ...]:
    """The last lines of the submission at `path` on the way to an exception: line number, function and text."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    return tuple((frame.lineno or 0, frame.name, frame.line or "") for frame in frames if frame.filename == str(path))[
        -3:
    ]
