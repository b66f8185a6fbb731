"""Makes an nbgrader course: its configuration, and the notebooks of an assignment."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from mlkata.catalog import Catalog, content_root
from mlkata.course_notebook import notebook_of
from mlkata.errors import UsageError

CONFIGURATION = "nbgrader_config.py"
ASSIGNMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
_COURSE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class Added:
    """A notebook of an assignment, and what became of it: written, unchanged, or left as it is."""

    path: Path
    what: str


def init(folder: Path, name: str, catalog: Catalog) -> Path:
    """Make a course's folder and configuration; answers the configuration's path.

    Raises
    ------
    UsageError
        The name is none that nbgrader takes, or another configuration is there.
    """
    if not _COURSE.fullmatch(name):
        todo = "take letters, digits, and . _ - between them, such as ml101"
        raise UsageError(f"--name: expected a course's name, found {name!r}; {todo}")
    path = folder / CONFIGURATION
    text = _configuration(name, catalog)
    if path.exists() and path.read_text(encoding="utf-8") != text:
        todo = "name another folder, or take over what `mlkata course init` writes into an empty one"
        raise UsageError(f"{path}: expected no configuration, found one; {todo}")
    (folder / "source").mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def add(folder: Path, assignment: str, ids: Sequence[str], catalog: Catalog, *, force: bool = False) -> list[Added]:
    """Write an exercise's notebook for each id into an assignment of a course.

    A notebook that is there and differs is left alone unless `force` is given: its points may have been changed.

    Raises
    ------
    UsageError
        There is no such course or exercise, or the assignment's name is none that nbgrader takes.
    CatalogError
        An exercise is not complete.
    """
    check_course(folder)
    if not ASSIGNMENT.fullmatch(assignment):
        todo = "take letters, digits, and _ or - between them, such as ps1"
        raise UsageError(f"expected an assignment's name, found {assignment!r}; {todo}")
    texts = {id: text_of(catalog, id) for id in ids}  # all of them first: a broken one leaves nothing half done
    added = []
    for id, text in texts.items():
        path = folder / "source" / assignment / f"{id}.ipynb"
        found = path.read_text(encoding="utf-8") if path.exists() else None
        if found == text:
            added.append(Added(path, "unchanged"))
        elif found is not None and not force:
            added.append(Added(path, "left as it is: it differs from what would be written (--force writes it anew)"))
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            added.append(Added(path, "written"))
    return added


def check_course(folder: Path) -> None:
    """Passes a course's folder. Raises UsageError for another one."""
    if not (folder / CONFIGURATION).is_file():
        todo = "name a course's folder, or make one with `mlkata course init`"
        raise UsageError(f"{folder}: expected a course, found no {CONFIGURATION} in it; {todo}")


def text_of(catalog: Catalog, id: str) -> str:
    """An exercise's notebook as Jupyter would save it."""
    return json.dumps(notebook_of(catalog.exercise(id)), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _configuration(name: str, catalog: Catalog) -> str:
    template = resources.files("mlkata").joinpath("data", "course", "nbgrader_config.py.txt")
    own = "" if catalog.root == content_root() else f"\nc.GradeBehindWalls.catalog = {str(catalog.root.resolve())!r}"
    return string.Template(template.read_text(encoding="utf-8")).substitute(name=name, catalog=own)
