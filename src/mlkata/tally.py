"""How far a learner is: figures over all exercises, by track and by company, as data and as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

from mlkata.catalog import Exercise
from mlkata.questions import asked_by, companies
from mlkata.standing import Standing

BAR_WIDTH = 20


@dataclass(frozen=True)
class Share:
    """How many of some exercises were passed."""

    name: str
    passed: int
    total: int


@dataclass(frozen=True)
class Tally:
    """How far a learner is.

    Attributes
    ----------
    first_try : int
        Exercises that passed at their first try.
    tried : int
        Exercises that were tried at all, which `first_try` is out of.
    seconds : int
        Time that went into all of them.
    """

    passed: int
    total: int
    first_try: int
    tried: int
    hints: int
    seconds: int
    tracks: tuple[Share, ...]
    companies: tuple[Share, ...]


def tally(exercises: Sequence[Exercise], found: Mapping[str, Standing]) -> Tally:
    """Add up how the learner stands with some exercises; companies are those that ask for one, most exercises first."""
    standing = {each.id: found.get(each.id, Standing()) for each in exercises}
    passed = {id for id, each in standing.items() if each.passed_at}
    tracks = [_share(name, _of_track(exercises, name), passed) for name in sorted({each.track for each in exercises})]
    asked = [_share(name, _of_company(exercises, name), passed) for name in companies()]
    return Tally(
        passed=len(passed),
        total=len(exercises),
        first_try=sum(each.at_first_try for each in standing.values()),
        tried=sum(each.tries > 0 for each in standing.values()),
        hints=sum(each.hints for each in standing.values()),
        seconds=int(sum((each.time for each in standing.values()), timedelta()).total_seconds()),
        tracks=tuple(tracks),
        companies=tuple(sorted((each for each in asked if each.total), key=lambda each: (-each.total, each.name))),
    )


def as_data(tally: Tally, exercises: Iterable[Exercise], found: Mapping[str, Standing]) -> dict[str, object]:
    """The same for JSON, with a row for each exercise."""
    return {**asdict(tally), "exercises": [_row(each.id, found.get(each.id, Standing())) for each in exercises]}


def bars(shares: Iterable[Share], *, plain: bool) -> list[tuple[str, str, str]]:
    """Rows of a table: the name, a bar, and the figures."""
    return [(each.name, bar(each.passed, each.total, plain=plain), f"{each.passed}/{each.total}") for each in shares]


def bar(done: int, total: int, *, plain: bool) -> str:
    """A bar of characters, in ASCII where `plain`; it is full, or empty, only where all is done, or nothing.

    >>> bar(1, 2, plain=True)
    '##########----------'
    """
    length = BAR_WIDTH * done // total if total else 0
    length = max(length, 1) if done else 0
    full, empty = "#-" if plain else "█░"
    return full * length + empty * (BAR_WIDTH - length)


def text_of(tally: Tally) -> str:
    """The figures in two lines."""
    rate = f"{100 * tally.first_try / tally.tried:.0f} %" if tally.tried else "-"
    return (
        f"{tally.passed} of {tally.total} exercises passed, {tally.tried} tried\n"
        f"first-try rate {rate} ({tally.first_try} of {tally.tried}), hints {tally.hints}, time {clock(tally.seconds)}"
    )


def clock(seconds: float) -> str:
    """A time in hours and minutes.

    >>> clock(3_725)
    '1 h 02 min'
    """
    hours, minutes = divmod(int(seconds) // 60, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


def _share(name: str, ids: Iterable[str], passed: set[str]) -> Share:
    ids = set(ids)
    return Share(name, len(ids & passed), len(ids))


def _of_track(exercises: Iterable[Exercise], track: str) -> list[str]:
    return [each.id for each in exercises if each.track == track]


def _of_company(exercises: Iterable[Exercise], company: str) -> list[str]:
    asked = asked_by(company)
    return [each.id for each in exercises if asked.intersection(each.questions)]


def _row(id: str, standing: Standing) -> dict[str, object]:
    times = {"passed_at": standing.passed_at, "failed_at": standing.failed_at}
    return {
        "id": id,
        "state": standing.state,
        "tries": standing.tries,
        "first_try": standing.at_first_try,
        "hints": standing.hints,
        "gave_up": standing.gave_up,
        "seconds": int(standing.time.total_seconds()),
        **{name: when.isoformat() if when else None for name, when in times.items()},
    }
