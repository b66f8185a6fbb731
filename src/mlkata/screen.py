"""What `mlkata watch` shows, drawn anew each time; on what is no terminal the same goes down as plain lines."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from mlkata.catalog import Exercise
from mlkata.judging import Verdict
from mlkata.report import CheckResult, Outcome, summary_line
from mlkata.standing import Standing
from mlkata.tally import bar

if TYPE_CHECKING:
    from rich.text import Text

KEYS = "n next · h hint · l list · a run all · r reset · enter run again · q quit"
MOST_NAMED = 8  # failing checks; the first is told in full, and should stay on the screen
_SAID_ONCE = (Outcome.NOT_IMPLEMENTED, Outcome.NOT_LOADED, Outcome.REFUSED)


@dataclass(frozen=True)
class View:
    """What is to be seen.

    Attributes
    ----------
    exercises : sequence of Exercise
        The chosen set.
    current : Exercise
        The one that is watched.
    standings : mapping
        How the learner stands with each.
    verdict : Verdict or None
        Of the current one's last run.
    took : float
        Seconds from the save to that verdict.
    seconds : float
        How long what is running has been.
    is_running : bool
    is_early : bool
        Whether the verdict is of what is running: performance and known mistakes are still looked at.
    is_listing : bool
        Whether the set is listed in place of the verdict.
    message : str
        What a key brought.
    """

    exercises: Sequence[Exercise]
    current: Exercise
    standings: Mapping[str, Standing]
    verdict: Verdict | None = None
    took: float = 0.0
    seconds: float = 0.0
    is_running: bool = False
    is_early: bool = False
    is_listing: bool = False
    message: str = ""


class Screen(Protocol):
    """Where a view is drawn."""

    def draw(self, view: View) -> None:
        """Show it in place of what was shown before."""


class Terminal:
    """Standard output, as wide as it is now; colours and links where it has them."""

    def __init__(self) -> None:
        from rich.console import Console

        # https://no-color.org: set and not empty, whatever its value.
        colours = None if os.environ.get("NO_COLOR") else "auto"
        self._console = Console(color_system=colours, highlight=False, soft_wrap=False)  # type: ignore[arg-type]

    def draw(self, view: View) -> None:
        console, lines = self._console, [*lines_of(view, Path.cwd())]
        if not console.is_terminal and view.is_running:
            return
        if console.encoding.lower().startswith("utf"):
            plain: dict[int, str] = {}
        else:
            plain = str.maketrans({"█": "#", "░": "-", "·": "|", "✓": "+", "✗": "x", "…": "."})
        with console:  # one write, so that nothing flickers
            console.clear()  # nothing where that cannot be
            for text, style in lines:
                console.print(self._text(text.translate(plain), style), overflow="fold")

    def _text(self, text: str, style: str) -> Text:
        from rich.text import Text

        if style == "file":
            path = re.sub(r":\d+$", "", text)
            style = f"underline link {(Path.cwd() / path).as_uri()}"
        return Text(text, style=style)


def lines_of(view: View, here: Path) -> Iterator[tuple[str, str]]:
    """The lines of a view, each with how it looks.

    The style "file" is for the path of a file, which is told as one types it in the folder `here`.
    """
    current, passed = view.current, sum(_is_passed(view, each) for each in view.exercises)
    progress = f"{bar(passed, len(view.exercises), plain=False)} {passed}/{len(view.exercises)} passed"
    yield f"{current.id}: {current.title} ({current.track}, {current.level})", "bold"
    yield progress, "cyan"
    yield from _list(view) if view.is_listing else _verdict(view, here)
    if view.message:
        yield "", ""
        yield view.message, "yellow"
    yield "", ""
    yield KEYS, "dim"


def _list(view: View) -> Iterator[tuple[str, str]]:
    width = max(len(each.id) for each in view.exercises)
    yield "", ""
    for exercise in view.exercises:
        state = view.standings.get(exercise.id, Standing()).state
        mark = {"passed": "✓", "failed": "✗", "begun": "…"}.get(state, " ")
        pointer = ">" if exercise.id == view.current.id else " "
        style = {"passed": "green", "failed": "red"}.get(state, "")
        yield f"{pointer} {mark} {exercise.id:{width}}  {exercise.level:6}  {exercise.minutes:3} min  {state}", style


def _verdict(view: View, here: Path) -> Iterator[tuple[str, str]]:
    path, verdict = view.current.stub, view.verdict
    checks = [*verdict.examples, *(verdict.report.checks if verdict.report else ())] if verdict else []
    wrong = [check for check in checks if check.outcome not in (Outcome.PASSED, Outcome.NOT_GRADED)]
    line = next((found for check in wrong if (found := _line(check))), "")
    yield f"{path.relative_to(here) if path.is_relative_to(here) else path}{line}", "file"
    yield "", ""
    if view.is_running:
        yield _running(view), "yellow"
    if verdict is not None:
        for text, style in (*_told(verdict, wrong, path), *_summary(verdict, view)):
            yield text, "dim" if view.is_running and not view.is_early else style


def _running(view: View) -> str:
    what = "looking closer" if view.is_early else "running"
    waiting = "" if view.is_early or view.seconds < 3 else ": is there an endless loop? save again to begin anew"
    return f"{what}, {int(view.seconds)} s{waiting}" if view.seconds >= 1 else what


def _told(verdict: Verdict, wrong: Sequence[CheckResult], path: Path) -> Iterator[tuple[str, str]]:
    """What is wrong: what concerns the whole file once, the first check that fails in full, of others the names."""
    if verdict.trouble:
        yield verdict.trouble, "red"
    for outcome in _SAID_ONCE:
        for note in sorted({check.note for check in wrong if check.outcome is outcome and check.note}):
            yield _once(outcome, note, path), "yellow"
    failing = [check for check in wrong if check.outcome not in _SAID_ONCE]
    for check in failing[:1]:
        yield f"{check.name}: {check.outcome}", "bold red"
        yield check.message or check.note, ""
    told = failing[0].message if failing else ""
    for mistake in dict.fromkeys(check.diagnosis for check in failing if check.diagnosis):
        if mistake not in told:
            yield f"perhaps you did what is a known mistake: {mistake}", "yellow"
    for check in failing[1:MOST_NAMED]:
        yield f"{check.name}: {check.note or check.outcome}", "red"
    if len(failing) > MOST_NAMED:
        yield f"and {len(failing) - MOST_NAMED} more", "red"
    if wrong:
        yield "", ""


def _summary(verdict: Verdict, view: View) -> Iterator[tuple[str, str]]:
    took = "" if view.is_running and not view.is_early else f"  ({view.took:.2f} s)"
    if verdict.report is None:
        return
    if not verdict.report.checks:
        n_passed = sum(check.outcome is Outcome.PASSED for check in verdict.examples)
        counted = f"{n_passed} of {len(verdict.examples)} visible examples passed"
        yield f"{view.current.id}: {counted}; the hidden checks are not here{took}", ""
    elif verdict.report.passed and not view.is_early:
        yield f"{summary_line(verdict.report)}{took}", "bold green"
        yield "n brings the next one; `mlkata solution` shows our own answer", ""
    else:
        yield f"{summary_line(verdict.report)}{took}", "bold"


def _once(outcome: Outcome, note: str, path: Path) -> str:
    if outcome is Outcome.NOT_IMPLEMENTED:
        return f"{note.removeprefix('implement ')} is not implemented yet: write it in {path.name}"
    return f"{outcome}: {note.replace(str(path), path.name)}"


def _line(check: CheckResult) -> str:
    """The last line of the learner's file that a message names, as editors take it behind a path."""
    found = re.findall(r"(?:your code|^ {10,}| \(|, )\s*line (\d+)", f"{check.message}\n{check.note}", re.MULTILINE)
    return f":{found[-1]}" if found else ""


def _is_passed(view: View, exercise: Exercise) -> bool:
    return view.standings.get(exercise.id, Standing()).passed_at is not None
