"""Writes the files of a new exercise, with TODO wherever its author has to say something."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from string import Template

from mlkata.catalog import Catalog, Exercise, Limits, is_id, is_track
from mlkata.errors import UsageError

# Beside its tests, an exercise of such a name would be imported in place of the package.
_TAKEN = sys.stdlib_module_names | {"mlkata", "numpy", "pandas", "pytest", "scipy", "sklearn", "torch"}


@dataclass(frozen=True)
class _Kind:
    """What files of one kind of exercise begin with."""

    imports: str
    type: str
    example: str
    allowed: tuple[str, ...]


_KINDS = {
    "numpy": _Kind("import numpy as np", "np.ndarray", "rng.normal(size=2)", ("math", "numpy")),
    "torch": _Kind("import torch", "torch.Tensor", "torch.from_numpy(rng.normal(size=2))", ("math", "torch")),
    "pandas": _Kind("import pandas as pd", "pd.Series", "pd.Series(rng.normal(size=2))", ("math", "numpy", "pandas")),
    "python": _Kind("", "list[float]", "rng.normal(size=2).tolist()", ("collections", "itertools", "math")),
}


def scaffold(
    catalog: Catalog,
    id: str,
    *,
    title: str | None = None,
    track: str | None = None,
    kind: str = "numpy",
    level: str = "medium",
) -> tuple[Path, ...]:
    """Writes a new exercise that can be read at once, and answers the files in the order in which to fill them in.

    Parameters
    ----------
    catalog : Catalog
        Where it is written; folders that are missing are made.
    id : str
        In snake_case, and no name of a module that exercises import.
    title, track : str, optional
        If not given, a title made from the id, and a track to be filled in.
    kind, level : str
        As in exercise.toml.

    Raises
    ------
    UsageError
        Where a name is not what it must be, or any of the exercise's files or folders exists; then nothing is written.
    """
    title = id.replace("_", " ").capitalize() if title is None else title
    track = "todo" if track is None else track
    _refuse_names(id, title, track)
    exercise = _planned(catalog, id, title=title, track=track, kind=kind, level=level)
    _refuse_existing(exercise)
    contents = _contents(exercise)
    try:
        for path, text in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be written: {error.strerror}; name another --root") from error
    return tuple(contents)


def _refuse_names(id: str, title: str, track: str) -> None:
    if not is_id(id) or id in _TAKEN:
        raise UsageError(
            f"an exercise cannot be called {id!r}; choose a name in snake_case that is no keyword and no module"
        )
    # The title stands between quotes in TOML and in Python.
    if not title.strip() or not title.isprintable() or set(title) & {'"', "\\"}:
        raise UsageError(f"{title!r} cannot be a title; write one line of text without double quotes and backslashes")
    if not is_track(track):
        raise UsageError(f"{track!r} cannot be a track; write a name in snake_case")


def _planned(catalog: Catalog, id: str, *, title: str, track: str, kind: str, level: str) -> Exercise:
    return Exercise(
        id=id,
        title=title,
        track=track,
        level=level,
        minutes=20,
        questions=(),
        entry=(id,),
        kind=kind,
        allowed=_KINDS[kind].allowed,
        banned=(),
        devices=("cpu",),
        points={"correctness": 5.0},
        limits=Limits(seconds=20, memory_mb=2048),
        folder=catalog.folder(id),
        home=catalog.root,
    )


def _refuse_existing(exercise: Exercise) -> None:
    for path in (exercise.folder, exercise.reference, exercise.grader_folder):
        if path.exists():
            raise UsageError(f"{path} exists already; choose another id, or remove it first")


def _contents(exercise: Exercise) -> Mapping[Path, str]:
    return {
        exercise.readme: _filled("README.md", exercise),
        exercise.metadata: _filled("exercise.toml", exercise),
        exercise.stub: _filled("stub.py", exercise, reason=f"implement {exercise.id}"),
        exercise.reference: _filled("stub.py", exercise, reason="TODO: write the reference"),
        exercise.grader: _filled("grader.py", exercise),
        exercise.grader_folder / "right" / "todo.py": _filled(
            "answer.py", exercise, docstring="say in which other style this is right", caught_by=""
        ),
        exercise.grader_folder / "wrong" / "todo.py": _filled(
            "answer.py",
            exercise,
            docstring="say the misconception in one sentence, as a learner would hold it",
            caught_by='\nCAUGHT_BY = ("test_todo",)\n',
        ),
        exercise.visible: _filled("visible.py", exercise),
        exercise.hints: _filled("hints.md", exercise),
    }


def _filled(template: str, exercise: Exercise, **more: str) -> str:
    kind = _KINDS[exercise.kind]
    text = resources.files("mlkata").joinpath("data", "scaffold", f"{template}.txt").read_text(encoding="utf-8")
    return Template(text).substitute(
        id=exercise.id,
        title=exercise.title,
        track=exercise.track,
        track_todo="  # TODO: which track it belongs to" if exercise.track == "todo" else "",
        level=exercise.level,
        minutes=exercise.minutes,
        kind=exercise.kind,
        allowed=", ".join(f"`{package}`" for package in exercise.allowed),
        allowed_quoted=", ".join(f'"{package}"' for package in exercise.allowed),
        imports=f"\n{kind.imports}\n" if kind.imports else "",
        grader_imports="\n".join(sorted({"import numpy as np", "import pytest", kind.imports} - {""})),
        signature=f"def {exercise.id}(x: {kind.type}) -> {kind.type}:",
        type=kind.type,
        example=kind.example,
        **more,
    )
