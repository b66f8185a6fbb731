"""What the journal says of each exercise: tries, hints, whether it was passed, and the time that went into it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mlkata.journal import Deed, Entry

BREAK = timedelta(minutes=30)  # of two deeds that lie further apart, the second one came after a break

_RUNS = (Deed.BEGAN, Deed.UNFINISHED, Deed.FAILED, Deed.PARTLY, Deed.PASSED)
_TRIES = (Deed.FAILED, Deed.PASSED)


@dataclass(frozen=True)
class Standing:
    """How a learner stands with one exercise.

    A try is a run of all that is asked for, which passes or fails; what is not written yet was not tried.

    Attributes
    ----------
    tries : int
        Up to the first that passed.
    passed_at : datetime or None
        When it was first passed.
    failed_at : datetime or None
        When it was tried last, where that failed.
    hints : int
        The highest number of a hint that was given.
    gave_up : bool
        Whether the solution was shown before it was passed.
    time : timedelta
        From each deed to the next, whatever exercise that is about, which it is counted for; breaks are left out, and
        what came before one began.
    touched : bool
        Whether it was run.
    """

    tries: int = 0
    passed_at: datetime | None = None
    failed_at: datetime | None = None
    hints: int = 0
    gave_up: bool = False
    time: timedelta = timedelta()
    touched: bool = False

    @property
    def state(self) -> str:
        """In one word: passed, failed, begun or new."""
        if self.passed_at:
            return "passed"
        return "failed" if self.failed_at else "begun" if self.touched else "new"

    @property
    def at_first_try(self) -> bool:
        """Whether the first try passed, and the solution was not seen before."""
        return self.passed_at is not None and self.tries == 1 and not self.gave_up


def standings(entries: Iterable[Entry]) -> dict[str, Standing]:
    """How the learner stands with each exercise that there are entries of."""
    by_exercise: dict[str, list[tuple[Entry, timedelta]]] = {}
    before: datetime | None = None
    for entry in sorted(entries):
        gap = timedelta() if before is None else entry.when - before
        before = entry.when
        if entry.deed is not Deed.INTERVIEW:
            counts = entry.deed is not Deed.BEGAN and gap <= BREAK
            by_exercise.setdefault(entry.subject, []).append((entry, gap if counts else timedelta()))
    return {id: _standing([each for each, _ in found], [gap for _, gap in found]) for id, found in by_exercise.items()}


def _standing(entries: list[Entry], gaps: list[timedelta]) -> Standing:
    tries = [entry for entry in entries if entry.deed in _TRIES]
    first = next((place for place, entry in enumerate(tries) if entry.deed is Deed.PASSED), None)
    passed_at = None if first is None else tries[first].when
    shown = [entry.when for entry in entries if entry.deed is Deed.SOLUTION]
    hints = [int(entry.detail) for entry in entries if entry.deed is Deed.HINT and entry.detail.isdecimal()]
    return Standing(
        tries=len(tries) if first is None else first + 1,
        passed_at=passed_at,
        failed_at=tries[-1].when if tries and tries[-1].deed is Deed.FAILED else None,
        hints=max(hints, default=0),
        gave_up=any(passed_at is None or when < passed_at for when in shown),
        time=sum(gaps, timedelta()),
        touched=any(entry.deed in _RUNS for entry in entries),
    )
