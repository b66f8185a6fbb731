"""Finds exercises in their folders and reads what exercise.toml says of them.

This is the only module that knows the folder layout.
"""

from __future__ import annotations

import keyword
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

import mlkata
from mlkata.errors import CatalogError, UsageError
from mlkata.questions import questions
from mlkata.report import Category
from mlkata.suggestion import suggestion
from mlkata.toml_table import Table

LEVELS = ("easy", "medium", "hard")
KINDS = ("numpy", "torch", "pandas", "python")
DEVICES = ("cpu", "cuda")

_SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@dataclass(frozen=True)
class Limits:
    """What one submission may use: seconds of wall clock for all its checks, and megabytes (2**20 bytes) of memory.

    With `loopback` it may open sockets, in a network that has nobody else.
    """

    seconds: float
    memory_mb: float
    loopback: bool = False


@dataclass(frozen=True)
class Exercise:
    """One coding task: what exercise.toml says of it, and where its files lie.

    `folder` is the directory of the task; `home` is the directory that has graders/ and solutions/ (a student's may
    lack them). The paths below are where the files belong; whether they exist is not asked.
    """

    id: str
    title: str
    track: str
    level: str
    minutes: int
    questions: tuple[str, ...]
    entry: tuple[str, ...]
    kind: str
    allowed: tuple[str, ...]
    banned: tuple[str, ...]
    devices: tuple[str, ...]
    points: Mapping[str, float] = field(hash=False)
    limits: Limits
    folder: Path
    home: Path

    @property
    def stub(self) -> Path:
        """The file that the learner completes."""
        return self.folder / f"{self.id}.py"

    @property
    def readme(self) -> Path:
        """The prompt."""
        return self.folder / "README.md"

    @property
    def visible(self) -> Path:
        """The examples that the learner sees."""
        return self.folder / f"test_{self.id}.py"

    @property
    def hints(self) -> Path:
        """Three hints, from nudge to plan."""
        return self.folder / "hints.md"

    @property
    def metadata(self) -> Path:
        """The exercise.toml that this value was read from."""
        return self.folder / "exercise.toml"

    @property
    def reference(self) -> Path:
        """Our own answer."""
        return self.home / "solutions" / f"{self.id}.py"

    @property
    def grader_folder(self) -> Path:
        """The directory of the hidden checks and of the answers that prove them."""
        return self.home / "graders" / self.id

    @property
    def grader(self) -> Path:
        """The hidden checks."""
        return self.grader_folder / f"test_{self.id}.py"

    @property
    def right(self) -> tuple[Path, ...]:
        """The right answers that exist, sorted by name."""
        return tuple(sorted(self.grader_folder.glob("right/*.py")))

    @property
    def wrong(self) -> tuple[Path, ...]:
        """The wrong answers that exist, sorted by name."""
        return tuple(sorted(self.grader_folder.glob("wrong/*.py")))


@dataclass(frozen=True)
class Catalog:
    """The exercises under a root, which has exercises/ and, unless it is a student's, graders/ and solutions/."""

    root: Path

    def ids(self) -> tuple[str, ...]:
        """The ids of all exercises, sound or broken, sorted. Raises UsageError where the root has no exercises/."""
        folder = self.folder("")
        if not folder.is_dir():
            raise UsageError(f"{self.root}: expected a catalogue, found no exercises/ in it; name its root with --root")
        return tuple(sorted(path.name for path in folder.iterdir() if path.is_dir() and path.name[0] not in "._"))

    def folder(self, id: str) -> Path:
        """Where the exercise of this id has its task, or would have it."""
        return self.root / "exercises" / id

    def exercise(self, id: str) -> Exercise:
        """One exercise. Raises UsageError with close matches for an unknown id, CatalogError for a broken exercise."""
        known = self.ids()
        if id not in known:
            todo = suggestion(id, known, otherwise="`mlkata list` shows them all")
            raise UsageError(f"there is no exercise {id!r} in {self.root}; {todo}")
        # A root with graders/ is complete in itself: what it lacks is not to be looked for in the installed content.
        home = self.root if (self.root / "graders").is_dir() else None
        return read_exercise(self.folder(id), home)

    def exercises(self) -> tuple[Exercise, ...]:
        """All exercises, sorted by id. Raises CatalogError at the first broken one."""
        return tuple(self.exercise(id) for id in self.ids())

    def sound_and_broken(
        self, ids: Iterable[str] | None = None
    ) -> tuple[tuple[Exercise, ...], tuple[CatalogError, ...]]:
        """The exercises that can be read, all of them or those of these ids, and what is wrong with the others.

        Raises UsageError for an unknown id.
        """
        sound, broken = [], []
        for id in self.ids() if ids is None else ids:
            try:
                sound.append(self.exercise(id))
            except CatalogError as error:
                broken.append(error)
        return tuple(sound), tuple(broken)


_KEYS = tuple(item.name for item in fields(Exercise) if item.name not in ("id", "folder", "home"))


def read_exercise(folder: Path, home: Path | None = None) -> Exercise:
    """Reads one exercise's folder; its name is the id.

    Parameters
    ----------
    folder : Path
        The directory that has exercise.toml.
    home : Path, optional
        The directory that has graders/ and solutions/. If not given, the one two levels above `folder` where that has
        graders/<id>, else `content_root()`.

    Raises
    ------
    CatalogError
        Where exercise.toml is missing, or anything in it is not what it must be.
    """
    folder = Path(os.path.abspath(folder))
    table = Table.read(folder / "exercise.toml")
    if not is_id(folder.name):
        raise CatalogError(
            str(folder), expected="a folder named in snake_case", found=repr(folder.name), todo="rename the folder"
        )
    table.require_keys(_KEYS)
    return Exercise(
        id=folder.name,
        title=table.text("title"),
        track=table.text("track", _SNAKE_CASE.pattern, "a name in snake_case"),
        level=table.choice("level", LEVELS),
        minutes=table.positive_integer("minutes"),
        questions=table.choices("questions", [question.id for question in questions()], empty=True),
        entry=table.texts("entry", _is_name, "the name of a function or class"),
        kind=table.choice("kind", KINDS),
        allowed=table.texts("allowed", _is_name, "the name of a top-level package", empty=True),
        banned=table.texts("banned", _is_dotted, "a dotted name, or .name for a method", empty=True),
        devices=table.choices("devices", DEVICES),
        points=_points(table),
        limits=_limits(table),
        folder=folder,
        home=_home_of(folder) if home is None else Path(os.path.abspath(home)),
    )


def exercise_at(path: Path) -> Exercise | None:
    """The exercise that a file, or the folder itself, belongs to; None where there is none.

    A folder is an exercise's where exercise.toml lies beside a file named after the folder; it may be kept anywhere.
    Raises CatalogError where it is one whose exercise.toml is broken.
    """
    path = Path(os.path.abspath(path))
    for folder in (path, path.parent):
        if (folder / "exercise.toml").is_file() and (folder / f"{folder.name}.py").is_file():
            return read_exercise(folder)
    return None


def content_root() -> Path:
    """The directory that has our exercises/, graders/ and solutions/: in the package, or the repository's root."""
    package = Path(mlkata.__file__).parent
    installed = package / "content"
    return installed if (installed / "exercises").is_dir() else package.parents[1]


def is_id(name: str) -> bool:
    """Whether a name may be an exercise's id: snake_case, and a module can be called so."""
    return is_track(name) and not keyword.iskeyword(name)


def is_track(name: str) -> bool:
    """Whether a name may be a track: snake_case."""
    return bool(_SNAKE_CASE.fullmatch(name))


def _home_of(folder: Path) -> Path:
    near = folder.parent.parent
    return near if (near / "graders" / folder.name).is_dir() else content_root()


def _points(table: Table) -> dict[str, float]:
    points = table.table("points")
    points.refuse_others([str(category) for category in Category])
    if not points.entries:
        raise table.error(
            "points", expected="points of a category", found="an empty table", todo="write { correctness = 5 }"
        )
    if Category.GPU in points.entries and "cuda" not in table.entries["devices"]:
        raise points.error(
            "gpu",
            expected="no gpu points without the device cuda",
            found="devices without it",
            todo="add one or the other",
        )
    return {category: points.positive_number(category) for category in points.entries}


def _limits(table: Table) -> Limits:
    limits = table.table("limits")
    limits.require_keys(("seconds", "memory_mb"), ("loopback",))
    return Limits(
        seconds=limits.positive_number("seconds"),
        memory_mb=limits.positive_number("memory_mb"),
        loopback="loopback" in limits.entries and limits.truth("loopback"),
    )


def _is_name(text: str) -> bool:
    return text.isidentifier() and not keyword.iskeyword(text)


def _is_dotted(text: str) -> bool:
    return all(_is_name(part) for part in text.removeprefix(".").split("."))
