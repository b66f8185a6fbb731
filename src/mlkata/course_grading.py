"""Grades the notebooks of an nbgrader course: what was handed in, several at a time, and kept for who asks later."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlkata import batch
from mlkata.batch import Outcomes
from mlkata.catalog import Catalog, Exercise
from mlkata.course_notebook import GRADED
from mlkata.errors import DoesNotLoad
from mlkata.handins import HandIn, read_source
from mlkata.marking import OWN_FOLDER, STORE_NAME, Options, ready
from mlkata.report import CheckResult, Outcome, Report
from mlkata.store import Store, key_of, version_of


@dataclass(frozen=True)
class Submitted:
    """One student's notebook, which answers one exercise."""

    student: str
    notebook: str
    path: Path
    exercise: Exercise

    @property
    def name(self) -> str:
        """The notebook as its student knows it."""
        return self.path.name


class CourseGrader:
    """Reports of submitted notebooks, which are kept in the course's folder: the same notebook is graded once.

    Parameters
    ----------
    root : Path
        The course's folder, which submissions do not see.
    catalog : Catalog
    options : Options
        A seed of None is drawn when the course's first notebook is graded, and kept.

    Raises
    ------
    UsageError
        What is kept cannot be read.
    """

    def __init__(self, root: Path, catalog: Catalog, options: Options) -> None:
        self._root = root
        self._catalog = catalog
        self._options = options
        self._exercises: dict[str, Exercise] = {}
        self._store = Store(root / OWN_FOLDER / STORE_NAME)
        self._seed = self._store.seed() if options.seed is None else options.seed

    def exercise(self, id: str) -> Exercise:
        """The exercise that a notebook asks for."""
        if id not in self._exercises:
            self._exercises[id] = self._catalog.exercise(id)
        return self._exercises[id]

    def grade(self, submitted: Sequence[Submitted], *, jobs: int | None, step: Callable[[str], None]) -> Outcomes:
        """Grade what is not graded yet.

        Raises
        ------
        UsageError
            Grading cannot begin: there is no sandbox, or an exercise has no grader.
        """
        ready(self._options, [one.exercise for one in submitted])
        handed_in = []
        for one in submitted:
            try:
                student = f"{one.student}/{one.notebook}"
                handed_in.append(HandIn(student, one.exercise, one.path, read_source(one.path)))
            except DoesNotLoad:
                pass  # `report` says what is wrong with it
        hands = batch.local(jobs or os.cpu_count() or 1)
        options = self._options.of_jobs(self._seed)
        folder = self._root / OWN_FOLDER
        return batch.grade_all(folder, handed_in, self._store, hands, options=options, step=step, hide=self._root)

    def report(self, one: Submitted) -> Report | None:
        """What was found of a notebook, in words that name no folder of the course; None where it is not graded yet."""
        try:
            source = read_source(one.path)
        except DoesNotLoad as error:
            return self._unreadable(one, str(error).replace(str(one.path), one.name))
        found = self._store.report(key_of(source, one.exercise, **self._options.of_jobs(self._seed)))
        return None if found is None else found.renamed(one.name)

    def state(self, one: Submitted, points: Mapping[str, float]) -> str:
        """A name for all that a notebook's scores and messages follow from, but none that the seed follows from."""
        try:
            source = read_source(one.path)
        except DoesNotLoad as error:
            source = str(error).replace(str(one.path), one.name)
        how = [self._store.name(), self._options.show, self._options.sandboxed]
        told = json.dumps([source, one.exercise.id, version_of(one.exercise), sorted(points.items()), *how])
        return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()

    def close(self) -> None:
        """Let go of what is kept."""
        self._store.close()

    def _unreadable(self, one: Submitted, message: str) -> Report:
        checks = tuple(
            CheckResult("load", category, Outcome.NOT_LOADED, message=message, note=message)
            for category in GRADED
            if category in one.exercise.points
        )
        points, options = one.exercise.points, self._options
        return Report(
            one.exercise.id, one.name, self._seed, options.device, points, checks, sandboxed=options.sandboxed
        )
