"""Makes nbgrader's notebook of an exercise: prompt, solution, visible examples, and a cell for each hidden category."""

from __future__ import annotations

import re
from typing import Any

from mlkata.catalog import Exercise
from mlkata.cells import without_future_imports
from mlkata.errors import CatalogError
from mlkata.notebook import MARK
from mlkata.prompt import sections
from mlkata.report import Category

GRADED = (Category.CORRECTNESS, Category.EDGE_CASE, Category.PERFORMANCE)
EXAMPLES = "examples"  # the id of the cell with the visible examples

_HIDDEN = re.compile(r'^hidden\("(\w+)", "(\w+)"\)$', re.MULTILINE)


def notebook_of(exercise: Exercise) -> dict[str, Any]:
    """The notebook in format 4.5; the same each time, so that it can be compared and kept under version control."""
    cells = [
        _markdown("task", _prompt(exercise)),
        _code("solution", _solution(exercise), solution=True),
        _code(EXAMPLES, _examples(exercise), points=0.0),
    ]
    cells += [
        _code(str(category), _hidden(exercise, category), points=float(exercise.points[category]))
        for category in GRADED
        if category in exercise.points
    ]
    return {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def hidden_checks(source: str) -> tuple[str, str] | None:
    """Of a cell as the instructor has it: the exercise and category that it grades, if it is one of ours."""
    found = _HIDDEN.search(source) if source.startswith(MARK) else None
    return (found[1], found[2]) if found else None


def _prompt(exercise: Exercise) -> str:
    text = _read(exercise, "readme")
    other_files = {r"README\.md": "this page", rf"{exercise.id}\.py": "the next cell"}
    for name, here in other_files.items():
        text = re.sub(rf"`?{name}`?", here, text)
    text = re.sub(r"^- \*\*GPU\*\*.*\n(  .*\n)*", "", text, flags=re.MULTILINE)  # not graded here
    return text.strip() + _HOW.format(allowed=", ".join(f"`{name}`" for name in exercise.allowed) or "no packages")


_HOW = """

## How to answer here

- Write your answer into the next cell, in place of each `raise NotImplementedError`. You may add cells for parts of
  it: all code cells but the locked ones are read from top to bottom as one Python file, which may import {allowed} and
  everyday modules of the standard library.
- What you only try out belongs under `if __name__ == "__main__":`, or is deleted before you hand in: a cell that fails,
  or that imports something else, fails the whole file.
- Then run the cell with the visible examples. The cells below it hold hidden checks, which are run when your answer is
  graded."""


def _solution(exercise: Exercise) -> str:
    """The stub, and the reference in a region that students do not get; it defines again what the stub leaves open."""
    reference, _ = without_future_imports(_read(exercise, "reference"))
    stub = _read(exercise, "stub").strip()
    return f"{stub}\n\n\n### BEGIN SOLUTION\n{reference.strip()}\n### END SOLUTION"


def _examples(exercise: Exercise) -> str:
    signature = sections(_read(exercise, "readme")).get("Signature", "")
    return "\n".join(
        [
            f"{MARK} visible examples of {exercise.id}. Run this cell after each change.",
            "import mlkata.examples",
            "",
            "mlkata.examples.run(",
            f'    "{exercise.id}",',
            f"    metadata={_literal(_read(exercise, 'metadata'))},",
            f"    signature={_literal(signature)},",
            f"    tests={_literal(_tests(exercise))},",
            ")",
        ]
    )


def _tests(exercise: Exercise) -> str:
    """The visible examples, in words that hold in a notebook."""
    text = _read(exercise, "visible").replace("README.md", "the task")
    return re.sub(r": run them with `pytest [\w/]+`", "", text)


def _hidden(exercise: Exercise, category: Category) -> str:
    return "\n".join(
        [
            f"{MARK} hidden checks, {category}. Their score and messages stand here after grading.",
            "### BEGIN HIDDEN TESTS",
            "from mlkata.hidden import hidden",
            "",
            f'hidden("{exercise.id}", "{category}")',
            "### END HIDDEN TESTS",
        ]
    )


def _literal(text: str) -> str:
    """Python for a text, to be read where that can be."""
    text = text.strip() + "\n"
    return repr(text) if "'''" in text else f"r'''\n{text}'''"


def _code(name: str, source: str, *, solution: bool = False, points: float | None = None) -> dict[str, Any]:
    nbgrader = _nbgrader(name, "code", grade=points is not None, solution=solution, locked=points is not None)
    if points is not None:
        nbgrader["points"] = points
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": name,
        "metadata": {"nbgrader": nbgrader},
        "outputs": [],
        "source": source,
    }


def _markdown(name: str, source: str) -> dict[str, Any]:
    nbgrader = _nbgrader(name, "markdown", grade=False, solution=False, locked=True)
    return {"cell_type": "markdown", "id": name, "metadata": {"nbgrader": nbgrader}, "source": source}


def _nbgrader(name: str, kind: str, *, grade: bool, solution: bool, locked: bool) -> dict[str, Any]:
    return {
        "cell_type": kind,
        "grade": grade,
        "grade_id": name,
        "locked": locked,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }


def _read(exercise: Exercise, what: str) -> str:
    path = getattr(exercise, what)
    try:
        return str(path.read_text(encoding="utf-8"))
    except OSError as error:
        todo = "an exercise becomes an assignment when it is complete: run `mlkata verify`"
        raise CatalogError(str(path), expected=f"the exercise's {what}", found=str(error.strerror), todo=todo) from None
