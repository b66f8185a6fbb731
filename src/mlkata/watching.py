"""`mlkata watch`: judges an exercise each time its file is saved, and answers keys meanwhile."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from mlkata import choosing, journal, learning
from mlkata.catalog import Catalog, Exercise
from mlkata.errors import MlkataError, UsageError
from mlkata.journal import Deed, Entry
from mlkata.judging import Judge, Verdict
from mlkata.keys import key_presses, terminal_changes
from mlkata.practice import Practice
from mlkata.recording import record_run
from mlkata.saves import is_available, see_saves
from mlkata.screen import Screen, View
from mlkata.standing import standings

_JUST_BEGUN = {"is_running": True, "is_early": False, "seconds": 0.0}
LOOK = 0.2  # seconds until one looks up from the queue: a signal that another thread got does not wake this one


@dataclass(frozen=True)
class Key:
    """A key was pressed; an empty one says that no more will come."""

    name: str


@dataclass(frozen=True)
class Saved:
    """The files of some exercises were changed, or are gone."""

    ids: frozenset[str]
    at: float


@dataclass(frozen=True)
class Judged:
    """A verdict is there; None where it was given up."""

    number: int
    verdict: Verdict | None
    is_early: bool = False  # performance and known mistakes are still looked at


@dataclass(frozen=True)
class Redraw:
    """The terminal has another size, or the process was stopped and goes on."""


Event = Key | Saved | Judged | Redraw


class Watch:
    """What is watched and shown. One thread handles events; another one has the judge at work."""

    def __init__(
        self,
        practice: Practice,
        exercises: Sequence[Exercise],
        current: Exercise,
        *,
        source: Catalog,
        judge: Judge,
        screen: Screen,
        events: queue.SimpleQueue[Event],
    ) -> None:
        self._practice, self._source, self._judge, self._screen = practice, source, judge, screen
        self._exercises = {each.id: each for each in exercises}
        self._events = events
        self._wanted: queue.SimpleQueue[tuple[int, Exercise]] = queue.SimpleQueue()
        self._number = 0  # of what is wanted last
        self._recorded = 0  # of what was written down last
        self._left: list[Exercise] = []  # to run after this one
        self._began = 0.0
        self._asks_for_reset = False
        self._view = View(tuple(exercises), current, {})
        threading.Thread(target=self._serve, daemon=True).start()

    def run(self) -> None:
        """Handle events until there is a key to quit."""
        self._begin(self._view.current)
        while True:
            try:
                event = self._events.get(timeout=LOOK)
            except queue.Empty:
                self._tick()
                continue
            if isinstance(event, Key) and event.name in ("q", ""):
                self._number = 0
                return
            self._handle(event)

    def _tick(self) -> None:
        """Show how long it has been running, in whole seconds."""
        seconds = time.monotonic() - self._began
        if self._view.is_running and int(seconds) > int(self._view.seconds):
            self._show(seconds=seconds)

    def _handle(self, event: Event) -> None:
        if isinstance(event, Key):
            self._press(event.name)
        elif isinstance(event, Saved):
            self._saved(event)
        elif isinstance(event, Judged):
            self._judged(event)
        else:
            self._show()

    def _press(self, key: str) -> None:
        asked, self._asks_for_reset = self._asks_for_reset, False
        if asked:
            self._show(message=self._reset() if key == "y" else "not reset")
            return
        actions: dict[str, Callable[[], None]] = {
            "n": self._next,
            "h": self._hint,
            "l": lambda: self._show(is_listing=not self._view.is_listing, message=""),
            "a": self._run_all,
            "r": self._ask_for_reset,
            "\n": lambda: self._turn_to(self._view.current, time.monotonic()),
        }
        actions.get(key, lambda: None)()

    def _saved(self, event: Saved) -> None:
        known = [self._exercises[id] for id in sorted(event.ids) if id in self._exercises]
        if known:
            self._left = []
            current = self._view.current
            self._turn_to(current if current in known else known[0], event.at)

    def _judged(self, event: Judged) -> None:
        if event.number != self._number:
            return
        if event.verdict is None:  # though it is wanted: the file was changed meanwhile
            self._turn_to(self._view.current, time.monotonic(), is_listing=self._view.is_listing)
            return
        took = time.monotonic() - self._began
        self._record(event)
        if event.is_early:
            self._show(verdict=event.verdict, took=took, is_early=True)
            return
        self._refresh()
        self._show(verdict=event.verdict, took=took, is_running=False, is_early=False)
        if self._left:
            self._turn_to(self._left.pop(0), time.monotonic(), is_listing=True)

    def _record(self, event: Judged) -> None:
        """Write down what a run came to, as soon as that is certain: what failed early is not waited for."""
        report = event.verdict.report if event.verdict else None
        if report is None or self._judge.records or self._recorded == event.number:
            return
        if not (event.is_early and report.passed):
            self._recorded = event.number
            record_run(self._view.current.folder, report, n_checks=len(report.checks))

    def _begin(self, exercise: Exercise) -> None:
        """Turn to an exercise that the learner begins with now."""
        journal.write_if_possible(self._practice.journal, [Entry(journal.now(), Deed.BEGAN, exercise.id)])
        self._refresh()
        self._turn_to(exercise, time.monotonic())

    def _turn_to(self, exercise: Exercise, began: float, *, is_listing: bool = False) -> None:
        """Watch an exercise, and judge it now; what is running is given up."""
        verdict = self._view.verdict if exercise == self._view.current else None
        self._number += 1
        self._began = began
        self._wanted.put((self._number, exercise))
        self._show(current=exercise, verdict=verdict, is_listing=is_listing, message="", **_JUST_BEGUN)

    def _next(self) -> None:
        left = choosing.to_do(self._view.exercises, self._view.standings)
        ids = [each.id for each in left]
        if not left or ids == [self._view.current.id]:
            self._show(message="all others of this set are passed" if left else "all of this set are passed")
            return
        place = ids.index(self._view.current.id) + 1 if self._view.current.id in ids else 0
        self._begin(left[place % len(left)])

    def _hint(self) -> None:
        try:
            hint = learning.next_hint(self._practice, self._view.current)
            end = "" if hint.is_new else "\n\nThat was the last hint."
            self._show(message=f"Hint {hint.number} of {hint.of}\n\n{hint.text}{end}", is_listing=False)
        except MlkataError as error:
            self._show(message=str(error))

    def _run_all(self) -> None:
        first, *self._left = self._exercises.values()
        self._turn_to(first, time.monotonic(), is_listing=True)

    def _ask_for_reset(self) -> None:
        self._asks_for_reset = True
        stub = self._practice.shown(self._view.current.stub)
        self._show(message=f"y puts the stub back into {stub} and keeps what you wrote; any other key does not")

    def _reset(self) -> str:
        try:
            backup = learning.reset(self._practice, self._view.current, self._source)
        except MlkataError as error:
            return str(error)
        kept = f"; what you wrote is in {self._practice.shown(backup)}" if backup else ""
        return f"the stub is back{kept}"

    def _refresh(self) -> None:
        found = standings(journal.read(self._practice.journal).entries)
        self._view = replace(self._view, standings=found)

    def _show(self, **changes: Any) -> None:
        self._view = replace(self._view, **changes)
        self._screen.draw(self._view)

    def _serve(self) -> None:
        """The other thread: have the judge do what is wanted last."""
        while True:
            number, exercise = self._wanted.get()
            while not self._wanted.empty():
                number, exercise = self._wanted.get()
            verdict = self._judge.judge(
                exercise.folder, is_wanted=partial(self._is_last, number), early=partial(self._told_early, number)
            )
            self._events.put(Judged(number, verdict))

    def _told_early(self, number: int, verdict: Verdict) -> None:
        self._events.put(Judged(number, verdict, is_early=True))

    def _is_last(self, number: int) -> bool:
        return number == self._number


def watch(
    practice: Practice,
    exercises: Sequence[Exercise],
    current: Exercise,
    *,
    source: Catalog,
    judge: Judge,
    screen: Screen,
) -> None:
    """Watch until the learner quits.

    Raises
    ------
    UsageError
        The package that sees saves is not installed.
    """
    if not is_available():
        raise UsageError("watch needs the package watchfiles; install it with `pip install 'mlkata[watch]'`")
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    stop = threading.Event()

    def put_saved(ids: frozenset[str]) -> None:
        events.put(Saved(ids, time.monotonic()))

    watched = Watch(practice, exercises, current, source=source, judge=judge, screen=screen, events=events)
    with (
        key_presses(lambda name: events.put(Key(name))) as resume,
        terminal_changes(lambda: events.put(Redraw()), resume),
    ):
        saves = threading.Thread(target=see_saves, args=(practice.root / "exercises", put_saved, stop), daemon=True)
        saves.start()
        try:
            watched.run()
        finally:
            stop.set()
