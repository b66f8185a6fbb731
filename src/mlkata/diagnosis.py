"""Which known wrong answer a failing submission behaves like.

A check that failed is repeated with the wrong answers of its exercise, and with the reference. A wrong answer that
fails it in the same words, and by the same values, may be what the submission does; it is named where the other checks
agree.
"""

from __future__ import annotations

import ast
import contextlib
import io
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mlkata import alike, sources
from mlkata.catalog import Exercise
from mlkata.links import LocalLink
from mlkata.report import Outcome
from mlkata.submission import Call, Submission

MOST_CHECKS = 6  # that are repeated for one submission
BY_VALUES, BY_WORDS = "values", "words"
BY_VALUES_WEIGHT = 10
OF_VALUES = " wrong"  # in what `mlkata.compare` says where values differ: then the same words tell nothing


class Failure(Protocol):
    """How a check failed, as `mlkata.messages.Failure` says it."""

    @property
    def outcome(self) -> Outcome: ...

    @property
    def broken(self) -> str: ...

    @property
    def details(self) -> tuple[str, ...]: ...


Repeat = Callable[[Submission], "Failure | None"]


@dataclass(frozen=True)
class Suspect:
    """A known wrong answer that fails a check as a submission does.

    Attributes
    ----------
    name : str
    how : {"values", "words"}
        What is alike: what was answered, or only what is said of it.
    misconception : str
        In one sentence.
    caught_by : tuple of str
        Checks that it fails for certain.
    """

    name: str
    how: str
    misconception: str
    caught_by: tuple[str, ...]


class Suspects:
    """The known wrong answers of an exercise, which are trusted and live in this process."""

    def __init__(self, exercise: Exercise) -> None:
        self._exercise = exercise
        self._loaded: dict[Path, LocalLink | None] = {}
        self._checks: set[str] = set()

    def alike(self, function: str, failure: Failure, calls: list[Call], repeat: Repeat) -> list[Suspect] | None:
        """The wrong answers that fail a check as a submission did; None where it was not repeated.

        Parameters
        ----------
        function : str
            The check; of the cases of a parametrised one the first that fails is looked at.
        failure : Failure
            How the submission failed it.
        calls : list of Call
            What the check had asked of the submission by then.
        repeat : callable
            Runs the check with another submission; None where it passes.
        """
        if function in self._checks or len(self._checks) >= MOST_CHECKS or failure.outcome is not Outcome.FAILED:
            return None
        self._checks.add(function)
        right = self._run(self._exercise.reference, repeat)
        if right is None:
            return None
        found = []
        for path in self._exercise.wrong:
            other = self._run(path, repeat) if path.stem != "slow" else None
            how = _how_alike(failure, calls, other, right[1]) if other is not None else ""
            if how:
                found.append(_suspect(path, how))
        return found

    def close(self) -> None:
        """Let go of what was loaded."""
        for link in self._loaded.values():
            if link is not None:
                link.close()
        self._loaded.clear()

    def _run(self, path: Path, repeat: Repeat) -> tuple[Failure | None, list[Call]] | None:
        """How a check ends for one of our own answers, and what it asked; None where that does not load."""
        with _quietly():
            if path not in self._loaded:
                self._loaded[path] = _load(path, self._exercise)
            link = self._loaded[path]
            if link is None:
                return None
            submission = Submission(link, self._exercise.entry)
            return repeat(submission), submission.history()


def choose(passed: Iterable[str], alike: Mapping[str, Sequence[Suspect]]) -> dict[str, str]:
    """The misconception to name under each failing check, by the name of the check.

    Parameters
    ----------
    passed : iterable of str
        The checks that the submission passes.
    alike : mapping
        What `Suspects.alike` found, by check.

    Notes
    -----
    A wrong answer is no suspect where the submission passes a check that it fails, or fails it otherwise. Of those that
    are left the one that is alike in most checks is named; where two explain as much, neither is.
    """
    innocent = set(passed)
    names = {check: {suspect.name for suspect in found} for check, found in alike.items()}
    left = {check: [each for each in found if _may_be(each, innocent, names)] for check, found in alike.items()}
    weights = Counter[str]()
    for found in left.values():
        for suspect in found:
            weights[suspect.name] += BY_VALUES_WEIGHT if suspect.how == BY_VALUES else 1
    named = {}
    for check, found in left.items():
        ranks = {suspect: (weights[suspect.name], check in suspect.caught_by) for suspect in found}
        first = [suspect for suspect in found if ranks[suspect] == max(ranks.values())]
        if len(first) == 1 and (first[0].how == BY_VALUES or _explains_all(first[0], left)):
            named[check] = first[0].misconception
    return named


def _may_be(suspect: Suspect, passed: set[str], alike: Mapping[str, set[str]]) -> bool:
    """Whether nothing speaks against a suspect."""
    return passed.isdisjoint(suspect.caught_by) and all(
        suspect.name in alike[check] for check in suspect.caught_by if check in alike
    )


def _explains_all(suspect: Suspect, alike: Mapping[str, Sequence[Suspect]]) -> bool:
    """Whether a wrong answer is alike in every check that was repeated."""
    return all(suspect.name in {other.name for other in found} for found in alike.values())


def _suspect(path: Path, how: str) -> Suspect:
    sentence = " ".join((ast.get_docstring(sources.tree(path)) or "").split())
    return Suspect(path.stem, how, sentence, sources.caught_by(path))


def _how_alike(failure: Failure, calls: list[Call], other: tuple[Failure | None, list[Call]], right: list[Call]) -> str:
    theirs, asked = other
    if theirs is None or (theirs.outcome, theirs.broken) != (failure.outcome, failure.broken):
        return ""
    answers = [[call.answer for call in row if call.answer is not None] for row in (calls, asked, right)]
    if alike.same_mistakes(*answers) or (failure.details and failure.details == theirs.details):
        return BY_VALUES
    return "" if OF_VALUES in failure.broken else BY_WORDS


def _load(path: Path, exercise: Exercise) -> LocalLink | None:
    link = LocalLink(str(path))
    source = path.read_text(encoding="utf-8")
    answer = link.ask({"do": "load", "name": f"{exercise.id}__{path.stem}", "entry": {}, "source": source})
    if "error" in answer:
        link.close()
        return None
    return link


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        yield
