"""What a class handed in: a folder for each student, with a file or notebook for each exercise."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlkata.catalog import Catalog, Exercise
from mlkata.errors import CatalogError, DoesNotLoad, UsageError
from mlkata.notebook import read_notebook
from mlkata.suggestion import suggestion

LARGEST_SOURCE = 4 << 20
SUFFIXES = (".py", ".ipynb")


@dataclass(frozen=True)
class HandIn:
    """One student's answer to one exercise, as source text."""

    student: str
    exercise: Exercise
    path: Path
    source: str


def collect(folder: Path, catalog: Catalog) -> tuple[list[HandIn], list[str]]:
    """Everything that can be graded under a folder, sorted, and a sentence for whatever cannot.

    Raises
    ------
    UsageError
        There is no such folder.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: expected a folder with a folder for each student, found none; name another")
    problems: list[str] = []
    students = _students(folder, problems)
    found: list[HandIn] = []
    exercises: dict[str, Exercise | None] = {}
    for student in students:
        found += _of_student(student, catalog, exercises, problems)
    return sorted(found, key=lambda each: (each.student, each.exercise.id)), problems


def read_source(path: Path) -> str:
    """The text of a submission, from a Python file or from the solution cells of a notebook.

    Raises
    ------
    DoesNotLoad
        It cannot be read.
    """
    refuse_odd_files(path)
    try:
        if path.suffix == ".ipynb":
            return read_notebook(path)
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DoesNotLoad(f"{path}: is no UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise DoesNotLoad(f"{path}: cannot be read: {error.strerror}") from None


def refuse_odd_files(path: Path) -> None:
    """Passes a plain file that is not too large to be read.

    Raises
    ------
    DoesNotLoad
        It is another kind of file, or too large.
    """
    if path.is_symlink():
        raise DoesNotLoad(f"{path}: expected a file, found a link; hand in the file itself")
    if path.exists() and not path.is_file():  # a pipe would be waited for without end
        raise DoesNotLoad(f"{path}: expected a file, found something else; hand in a plain file")
    try:
        size = path.stat().st_size
    except OSError as error:
        raise DoesNotLoad(f"{path}: cannot be read: {error.strerror}") from None
    if size > LARGEST_SOURCE:
        raise DoesNotLoad(f"{path}: expected at most {LARGEST_SOURCE} bytes, found {size}; hand in the code alone")


def exercise_of(path: Path, catalog: Catalog) -> Exercise:
    """The exercise that a file answers, by its name. Raises UsageError where there is none."""
    if path.suffix not in SUFFIXES:
        raise UsageError(f"{path}: expected a file named after an exercise, such as focal_loss.py or focal_loss.ipynb")
    return catalog.exercise(path.stem)


def _students(folder: Path, problems: list[str]) -> list[Path]:
    """The folders of students, each student once."""
    chosen: dict[str, list[Path]] = {}
    for path in sorted(_listed(folder, problems)):
        if path.name.startswith(".") or path.name.startswith("__"):
            continue
        if path.is_symlink() or not path.is_dir():
            problems.append(f"{path}: expected a student's folder, found {_kind(path)}; it is left out")
            continue
        name = unicodedata.normalize("NFKC", path.name).casefold().strip()
        if not name.isprintable() or not name:
            problems.append(f"{str(path)!r}: expected a student's name, found odd characters; rename the folder")
        else:
            chosen.setdefault(name, []).append(path)
    for same in chosen.values():
        if len(same) > 1:
            names = " and ".join(path.name for path in same)
            problems.append(f"{folder}: {names} are one student's name; neither is graded: keep one folder")
    return [same[0] for same in chosen.values() if len(same) == 1]


def _of_student(
    student: Path, catalog: Catalog, exercises: dict[str, Exercise | None], problems: list[str]
) -> Iterable[HandIn]:
    answers: dict[str, list[Path]] = {}
    for path in sorted(_listed(student, problems)):
        if path.name.startswith(".") or path.name.startswith("__"):
            continue
        if path.suffix not in SUFFIXES or path.is_dir():
            problems.append(f"{path}: expected <exercise>.py or <exercise>.ipynb, found {_kind(path)}; it is left out")
        else:
            answers.setdefault(path.stem, []).append(path)
    for paths in answers.values():
        if len(paths) > 1:
            names = " and ".join(path.name for path in paths)
            problems.append(f"{student}: {names} answer one exercise; neither is graded: keep one of them")
            continue
        exercise = _exercise(paths[0], catalog, exercises, problems)
        if exercise is None:
            continue
        try:
            yield HandIn(student.name, exercise, paths[0], read_source(paths[0]))
        except DoesNotLoad as error:
            problems.append(str(error))
    if not answers:
        problems.append(f"{student}: expected a file for at least one exercise, found none")


def _exercise(
    path: Path, catalog: Catalog, exercises: dict[str, Exercise | None], problems: list[str]
) -> Exercise | None:
    if path.stem not in exercises:
        exercises[path.stem] = None
        try:
            exercises[path.stem] = catalog.exercise(path.stem)
        except CatalogError as error:
            problems.append(str(error))
        except UsageError:
            pass
    if exercises[path.stem] is None:
        todo = suggestion(path.stem, catalog.ids(), otherwise="`mlkata list` shows them all")
        problems.append(f"{path}: there is no exercise {path.stem!r} to grade; {todo}")
    return exercises[path.stem]


def _listed(folder: Path, problems: list[str]) -> Sequence[Path]:
    try:
        return list(folder.iterdir())
    except OSError as error:
        problems.append(f"{folder}: cannot be read: {error.strerror}")
        return []


def _kind(path: Path) -> str:
    return "a link" if path.is_symlink() else "a folder" if path.is_dir() else f"the file {path.name}"
