"""Runs an exercise's visible examples on the cells of the notebook that they stand in, which carries all they need."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from mlkata.kernel_cells import source_so_far
from mlkata.pytest_plugin import REPORTS
from mlkata.report import Outcome

_ONCE = (Outcome.NOT_IMPLEMENTED, Outcome.NOT_LOADED, Outcome.REFUSED)
_AGAIN = "If this speaks of a cell that you have changed or deleted since, restart the kernel and run all cells."


class ExamplesFailed(AssertionError):
    """Not all examples passed; in a notebook it is shown without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def run(id: str, *, metadata: str, signature: str, tests: str) -> None:
    """Say that all examples pass.

    Parameters
    ----------
    id : str
        The exercise's.
    metadata, signature, tests : str
        Its exercise.toml, the section "Signature" of its prompt, and its examples.

    Raises
    ------
    ExamplesFailed
        They do not; the message says what grading would say.
    """
    stories = judge(id, source_so_far(), metadata=metadata, signature=signature, tests=tests)
    failed = [story for story in stories if story["outcome"] != Outcome.PASSED]
    if failed:
        raise ExamplesFailed(_told(id, failed, len(stories)))
    print(f"{id}: all {len(stories)} visible examples pass; the hidden checks ask for more")


def judge(id: str, source: str, *, metadata: str, signature: str, tests: str) -> list[dict[str, Any]]:
    """What became of each example, with a source text as the submission."""
    collected = _Stories()
    with tempfile.TemporaryDirectory(prefix="mlkata-") as name:
        folder = Path(name) / "exercises" / id
        folder.mkdir(parents=True)
        (Path(name) / "graders" / id).mkdir(parents=True)  # empty: whatever hidden checks are installed stay out
        files = {
            "exercise.toml": metadata,
            "README.md": f"# {id}\n\n## Signature\n\n{signature.strip()}\n",
            f"test_{id}.py": tests.lstrip("\n"),
            f"{id}.py": source,
        }
        for file, text in files.items():
            (folder / file).write_text(text, encoding="utf-8", errors="backslashreplace")
        without = ["cacheprovider", "terminal", "faulthandler", "xdist", "hypothesispytest"]
        without += ["timeout"] if sys.platform == "win32" else []  # it would end the kernel
        arguments = [part for each in without for part in ("-p", f"no:{each}")]
        arguments += ["-c", str(folder / "none.ini"), f"--rootdir={folder}", "--import-mode=importlib", "-s"]
        (folder / "none.ini").write_text("[pytest]\n", encoding="utf-8")
        pytest.main([*arguments, str(folder / f"test_{id}.py")], plugins=[collected])
        where = str(folder / f"{id}.py")
    if not collected.stories:
        raise ExamplesFailed(f"{id}: the examples cannot be run here: {collected.trouble}")
    return [{**story, "message": story["message"].replace(where, "this notebook")} for story in collected.stories]


class _Stories:
    """Keeps what the checks said."""

    def __init__(self) -> None:
        self.stories: list[dict[str, Any]] = []
        self.trouble = "nothing was collected; is the cell as it was handed out?"

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.trouble = str(report.longrepr)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self.stories = [story for found in session.config.stash[REPORTS].values() for story in found]


def _told(id: str, failed: list[dict[str, Any]], total: int) -> str:
    lines = [f"{id}: {total - len(failed)} of {total} visible examples pass", ""]
    once = next((story for story in failed if story["outcome"] in _ONCE), None)
    for story in [once] if once else failed:
        said = _said(story).replace("README.md, ", "the task, ").splitlines()
        lines += [
            f"{story['name']}: {story['outcome']}",
            *(f"  {line}".rstrip() for line in said if not _is_seed(line)),
            "",
        ]
    return "\n".join([*lines, _AGAIN])


def _said(story: dict[str, Any]) -> str:
    if story["outcome"] == Outcome.NOT_IMPLEMENTED:
        return f"{story['note'] or 'the answer'}: write it in the solution cell, run that cell, and then this one again"
    return str(story["message"] or story["note"])


def _is_seed(line: str) -> bool:
    return line.startswith("  seed ")
