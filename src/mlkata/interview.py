"""A practice interview: a set of exercises that fits the time, a clock, and at the end what was missed."""

from __future__ import annotations

import queue
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlkata import journal
from mlkata.catalog import Catalog, Exercise, read_exercise
from mlkata.errors import UsageError
from mlkata.journal import Deed, Entry
from mlkata.judging import Judge, Verdict
from mlkata.practice import Practice
from mlkata.progress import progress
from mlkata.questions import questions
from mlkata.recording import entry_of
from mlkata.report import Outcome
from mlkata.shipping import read_file, write_file
from mlkata.standing import Standing

ENTER = "\n"


@dataclass(frozen=True)
class Interview:
    """A set of exercises in a folder of its own, which neither shows earlier answers nor writes over them."""

    company: str
    minutes: int
    folder: Path
    exercises: tuple[Exercise, ...]


@dataclass(frozen=True)
class Mark:
    """What became of one exercise, and a sentence for each check that was missed.

    Attributes
    ----------
    trouble : str
        Why there is no verdict, where there is none.
    """

    id: str
    passed: int
    checks: int
    missed: tuple[str, ...]
    trouble: str = ""

    @property
    def is_passed(self) -> bool:
        """Whether nothing was missed."""
        return not self.missed and not self.trouble


def draw(
    exercises: Sequence[Exercise], found: Mapping[str, Standing], *, minutes: int, rng: random.Random
) -> tuple[Exercise, ...]:
    """A set that fits the time: by chance, but what was not passed first, and of as many tracks as there are.

    Raises UsageError where not even the shortest exercise fits.
    """
    left = rng.sample(list(exercises), len(exercises))
    if not left:
        raise UsageError("no exercise fits; ask for less")
    drawn: list[Exercise] = []
    while fitting := [each for each in left if each.minutes <= minutes - sum(one.minutes for one in drawn)]:
        tracks = {each.track for each in drawn}
        chosen = min(fitting, key=lambda each: (_is_passed(found, each), each.track in tracks))
        drawn.append(chosen)
        left.remove(chosen)
    if not drawn:
        shortest = min(each.minutes for each in exercises)
        raise UsageError(f"no exercise fits into {minutes} minutes; give --minutes {shortest} or more")
    return tuple(drawn)


def prepare(
    practice: Practice, exercises: Sequence[Exercise], source: Catalog, *, company: str, minutes: int
) -> Interview:
    """Lay out stubs, prompts and examples, without hints. Raises UsageError where that cannot be."""
    stamp = journal.now().strftime("%Y-%m-%d_%H%M%S")
    folder = practice.interviews / f"{stamp}_{_plain(company)}"
    laid = []
    for exercise in exercises:
        if exercise.id not in source.ids():
            raise UsageError(f"{exercise.id} is not an exercise of mlkata, so its stub is not known; remove its folder")
        fresh = read_exercise(source.folder(exercise.id))
        for path in (fresh.readme, fresh.metadata, fresh.visible, fresh.stub):
            write_file(folder / fresh.id / path.name, read_file(path))
        laid.append(read_exercise(folder / fresh.id))
    return Interview(company, minutes, folder, tuple(laid))


def count_down(
    minutes: float, keys: queue.SimpleQueue[str], show: Callable[[str], None], *, clock: Callable[[], float]
) -> float:
    """Show the time that is left each second, until it is up or enter is pressed; answers the seconds that it took."""
    began = clock()
    while (left := 60 * minutes - (clock() - began)) > 0:
        show(f"{int(left) // 60}:{int(left) % 60:02} left; enter hands in")
        try:
            if keys.get(timeout=min(left, 1.0)) == ENTER:
                break
        except queue.Empty:
            pass
    return clock() - began


def mark(practice: Practice, interview: Interview, judge: Judge) -> tuple[Mark, ...]:
    """Judge all answers, and write down what became of them."""
    marks, entries = [], []
    with progress(len(interview.exercises), "grading") as step:
        for exercise in interview.exercises:
            while (verdict := judge.judge(exercise.folder)) is None:
                pass  # the file was changed meanwhile
            marks.append(_mark(exercise, verdict))
            if verdict.report is not None and verdict.report.complete:
                entries.append(entry_of(verdict.report, n_checks=len(verdict.report.checks)))
            step(exercise.id)
    n_passed = sum(each.is_passed for each in marks)
    detail = f"{n_passed} of {len(marks)} passed, {interview.minutes} minutes"
    entries.append(Entry(journal.now(), Deed.INTERVIEW, _plain(interview.company), detail))
    journal.write_if_possible(practice.journal, entries)
    return tuple(marks)


def invitation(interview: Interview, shown: Callable[[Path], str]) -> str:
    """What the learner reads when it begins."""
    texts = {question.id: question.text for question in questions()}
    n_exercises = len(interview.exercises)
    lines = [f"{n_exercises} exercise{'s' * (n_exercises > 1)} in {interview.minutes} minutes", ""]
    for exercise in interview.exercises:
        lines.append(f"{exercise.id}: {exercise.title} ({exercise.level}, {exercise.minutes} minutes)")
        lines += [f"  asked  {texts[id]}" for id in exercise.questions[:1]]
        lines += [f"  read   {shown(exercise.readme)}", f"  write  {shown(exercise.stub)}"]
    return "\n".join([*lines, ""])


def text_of(marks: Sequence[Mark], interview: Interview, shown: Callable[[Path], str], seconds: float) -> str:
    """What came of it."""
    return "\n".join(_lines(marks, interview, shown, seconds))


def as_data(marks: Sequence[Mark], interview: Interview, seconds: float) -> dict[str, Any]:
    """The same for JSON."""
    return {
        "company": interview.company,
        "minutes": interview.minutes,
        "seconds": int(seconds),
        "folder": str(interview.folder),
        "passed": sum(each.is_passed for each in marks),
        "exercises": [
            {
                "id": each.id,
                "passed": each.passed,
                "checks": each.checks,
                "missed": list(each.missed),
                "trouble": each.trouble,
            }
            for each in marks
        ],
    }


def _lines(marks: Sequence[Mark], interview: Interview, shown: Callable[[Path], str], seconds: float) -> Iterator[str]:
    for each in marks:
        yield f"{each.id}: {each.trouble or f'{each.passed} of {each.checks} checks passed'}"
        yield from (f"  missed  {sentence}" for sentence in each.missed)
        if not each.is_passed:
            yield f"  look closer with `pytest {shown(interview.folder / each.id)}`"
    n_passed = sum(each.is_passed for each in marks)
    yield ""
    yield f"{n_passed} of {len(marks)} exercises passed in {int(seconds) // 60} of {interview.minutes} minutes"


def _mark(exercise: Exercise, verdict: Verdict) -> Mark:
    report = verdict.report
    if report is None or not report.checks:
        return Mark(exercise.id, 0, 0, (), verdict.trouble or "the hidden checks are not here")
    wrong = [check for check in report.checks if check.outcome not in (Outcome.PASSED, Outcome.NOT_GRADED)]
    once = {check.note for check in wrong if check.outcome in (Outcome.NOT_LOADED, Outcome.REFUSED)}
    total = report.total()
    return Mark(
        exercise.id, total.passed, total.checks, tuple(sorted(once)) or tuple(check.sentence for check in wrong)
    )


def _is_passed(found: Mapping[str, Standing], exercise: Exercise) -> bool:
    return found.get(exercise.id, Standing()).passed_at is not None


def _plain(company: str) -> str:
    """A name for a folder, and for a line of the journal.

    >>> _plain("Booking.com")
    'booking_com'
    """
    return re.sub(r"\W+", "_", company.lower()).strip("_") or "any"
