"""What `mlkata export` reads and writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from mlkata.errors import UsageError
from mlkata.exports import to_csv, to_junit
from mlkata.exports_html import to_html
from mlkata.grades import Grade
from mlkata.marking import OWN_FOLDER, STORE_NAME
from mlkata.report import Report
from mlkata.store import Store


def grades_of(folder: Path, store: str | None) -> list[Grade]:
    """The grades that are kept of a class's folder.

    Raises
    ------
    UsageError
        Nothing was graded there.
    """
    where = store or str(folder / OWN_FOLDER / STORE_NAME)
    if "://" not in where and not Path(where).is_file():
        raise UsageError(f"{where}: expected the grades of {folder}, found no file; run `mlkata grade {folder}` first")
    kept = Store(where)
    try:
        grades = [
            Grade(student, exercise, report, "" if report else "not graded yet: run `mlkata grade` again")
            for student, exercise, report in kept.handed_in(folder)
        ]
    finally:
        kept.close()
    if not grades:
        raise UsageError(f"{where}: expected grades of {folder}, found none; run `mlkata grade {folder}` first")
    return grades


def read_report(path: Path) -> Report:
    """A report as `mlkata grade FILE --json` printed it.

    Raises
    ------
    UsageError
        There is no such file, or something else is in it.
    """
    try:
        return Report.from_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        found = f"{type(error).__name__}: {error}"
        raise UsageError(f"{path}: expected what `mlkata grade FILE --json` prints, found {found}") from None


def write_class(
    grades: Sequence[Grade], *, csv: Path | None, junit: Path | None, html: Path | None, title: str
) -> None:
    """Write the grades of a class into the files that are named.

    Raises
    ------
    UsageError
        One cannot be written.
    """
    makers: list[tuple[Path | None, Callable[[Sequence[Grade]], str]]] = [
        (csv, to_csv),
        (junit, to_junit),
        (html, lambda grades: to_html(grades, title)),
    ]
    for path, make in makers:
        if path is not None:
            try:
                path.write_text(make(grades), encoding="utf-8")
            except OSError as error:
                raise UsageError(f"{path}: cannot be written: {error.strerror}; name another file") from None
