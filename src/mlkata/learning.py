"""Getting unstuck: hints one at a time, the solution once it was earned, and a fresh beginning."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mlkata import journal
from mlkata.catalog import Catalog, Exercise
from mlkata.errors import CatalogError, UsageError
from mlkata.journal import Deed, Entry
from mlkata.practice import Practice
from mlkata.prompt import sections
from mlkata.shipping import is_as_shipped, read_file, remember_shipped, write_file
from mlkata.standing import Standing, standings


@dataclass(frozen=True)
class Hint:
    """One hint: its number, of how many, and its text; `is_new` where it was not given before."""

    number: int
    of: int
    text: str
    is_new: bool


def standing_of(practice: Practice, id: str) -> Standing:
    """How the learner stands with one exercise."""
    return standings(journal.read(practice.journal).entries).get(id, Standing())


def next_hint(practice: Practice, exercise: Exercise) -> Hint:
    """The first hint that was not given yet, else the last one.

    Raises
    ------
    CatalogError
        The exercise has no hints.
    UsageError
        It was given, and this cannot be remembered.
    """
    texts = _hints(exercise)
    given = min(standing_of(practice, exercise.id).hints, len(texts))
    number = min(given + 1, len(texts))
    if number > given:
        _remember(practice, Deed.HINT, exercise.id, str(number))
    return Hint(number, len(texts), texts[number - 1], is_new=number > given)


def given_hints(practice: Practice, exercise: Exercise) -> tuple[Hint, ...]:
    """Those that were given, in their order."""
    texts = _hints(exercise)
    n_given = standing_of(practice, exercise.id).hints
    return tuple(Hint(number, len(texts), text, False) for number, text in enumerate(texts[:n_given], start=1))


def solution(practice: Practice, exercise: Exercise, *, give_up: bool = False) -> str:
    """The reference's source.

    Raises
    ------
    UsageError
        The exercise was not passed yet, and one does not give up.
    CatalogError
        There is no reference.
    """
    if not exercise.reference.is_file():
        todo = "reinstall mlkata, or run `mlkata update` if the exercise is a new one"
        raise CatalogError(str(exercise.reference), expected="the reference", found="no file", todo=todo)
    if not give_up and standing_of(practice, exercise.id).passed_at is None:
        todo = f"`mlkata hint {exercise.id}` gives a hint, --give-up shows the solution all the same"
        raise UsageError(f"{exercise.id} was not passed here yet; {todo}")
    _remember(practice, Deed.SOLUTION, exercise.id)
    return exercise.reference.read_text(encoding="utf-8")


def reset(practice: Practice, exercise: Exercise, source: Catalog) -> Path | None:
    """Put the stub back; answers where what was written is kept, None where nothing was written.

    Raises
    ------
    UsageError
        mlkata does not have this exercise, or a file cannot be written.
    """
    if exercise.id not in source.ids():
        raise UsageError(
            f"{exercise.id} is not an exercise of mlkata, so its stub is not known; edit the file yourself"
        )
    stub, backup = read_file(source.folder(exercise.id) / exercise.stub.name), None
    if exercise.stub.is_file() and not is_as_shipped(practice, exercise.stub):
        backup = _free_name(practice.backups / exercise.id)
        write_file(backup, read_file(exercise.stub))
        journal.write_if_possible(
            practice.journal,
            [Entry(journal.now(), Deed.RESET, exercise.id, backup.relative_to(practice.root).as_posix())],
        )
    write_file(exercise.stub, stub)
    remember_shipped(practice, exercise.stub)
    return backup


def _hints(exercise: Exercise) -> tuple[str, ...]:
    text = read_file(exercise.hints).decode("utf-8", errors="replace") if exercise.hints.is_file() else ""
    found = tuple(body for heading, body in sections(text).items() if heading.startswith("Hint "))
    if not found:
        raise CatalogError(
            str(exercise.hints), expected="hints", found="none", todo="run `mlkata update`, which puts the file back"
        )
    return found


def _remember(practice: Practice, deed: Deed, id: str, detail: str = "") -> None:
    try:
        journal.write(practice.journal, [Entry(journal.now(), deed, id, detail)])
    except OSError as error:
        raise UsageError(f"{practice.journal} cannot be written: {error.strerror}; look at its permissions") from error


def _free_name(folder: Path) -> Path:
    """A name for a file that is written now; no system forbids it, and no other file has it."""
    stamp = journal.now().strftime("%Y-%m-%d_%H%M%S")
    names = (f"{stamp}{suffix}.py" for suffix in ("", *(f"_{number}" for number in range(2, 1000))))
    return next(path for name in names if not (path := folder / name).exists())
