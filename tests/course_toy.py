"""A small nbgrader course for tests: its students' notebooks, and what the gradebook says of them afterwards."""

from __future__ import annotations

import json
import re
import shutil
from html import unescape
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from toy import METADATA, REFERENCE, WRONG, add_exercise, toy_catalogue, write

from mlkata import course
from mlkata.catalog import Catalog
from mlkata.course_run import configured

STAMP = "2026-03-01 10:00:00.000000 UTC"
SECONDS = 2.0
FULL = {"correctness": 4.0, "edge_case": 2.0}
ZERO = {"correctness": 0.0, "edge_case": 0.0}

HAND_WRITTEN = {
    "right": REFERENCE,
    "wrong": WRONG["once"],
    "partial": WRONG["needs_a_first"],
}


def toy_course(folder: Path, *, assignments: dict[str, list[str]] | None = None) -> Path:
    """A course of the toy catalogue's exercises, released as far as nbgrader's own folder goes."""
    limits = METADATA.replace("seconds = 10", f"seconds = {SECONDS:g}")
    root = toy_catalogue(folder)
    write(root / "exercises" / "double" / "exercise.toml", limits)
    assignments = assignments or {"ps1": ["double"]}
    for ids in assignments.values():
        for id in ids:
            if id != "double":
                add_exercise(root, id, limits)
    made = folder / "course"
    course.init(made, "ml101", Catalog(root))
    for assignment, ids in assignments.items():
        course.add(made, assignment, ids, Catalog(root))
        generate(made, assignment)
    return made


def generate(made: Path, assignment: str) -> None:
    """Run nbgrader's generate_assignment."""
    result = api(made).generate_assignment(assignment)
    assert result["success"], result


def api(made: Path) -> NbGraderAPI:
    """nbgrader as formgrader holds it."""
    app = configured(made)
    return NbGraderAPI(app.coursedir, parent=app)


def released(made: Path, id: str = "double", assignment: str = "ps1") -> dict:
    """The notebook that students get."""
    return json.loads((made / "release" / assignment / f"{id}.ipynb").read_text(encoding="utf-8"))


def cell(notebook: dict, name: str) -> dict:
    """A cell by its grade_id."""
    return next(each for each in notebook["cells"] if each["metadata"].get("nbgrader", {}).get("grade_id") == name)


def answered(notebook: dict, source: str) -> dict:
    """The notebook with an answer in its solution cell."""
    cell(notebook, "solution")["source"] = source
    return notebook


def code(source: str, **metadata: object) -> dict:
    """A cell that a student adds."""
    return {
        "cell_type": "code",
        "source": source,
        "metadata": metadata,
        "outputs": [],
        "execution_count": None,
        "id": "x",
    }


def hand_in(
    made: Path, student: str, notebook: dict | str | bytes, *, id: str = "double", assignment: str = "ps1"
) -> Path:
    """Put a notebook where nbgrader's collect would."""
    path = made / "submitted" / student / assignment / f"{id}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    (path.parent / "timestamp.txt").write_text(STAMP)
    content = json.dumps(notebook) if isinstance(notebook, dict) else notebook
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    return path


def scores(made: Path, student: str, *, id: str = "double", assignment: str = "ps1") -> dict[str, float | None]:
    """What nbgrader's gradebook has for each test cell; None is not graded."""
    with Gradebook(f"sqlite:///{made}/gradebook.db") as gradebook:
        notebook = gradebook.find_submission_notebook(id, assignment, student)
        return {grade.name: grade.auto_score for grade in notebook.grades if grade.name != "examples"}


def graded(made: Path, student: str, *, id: str = "double", assignment: str = "ps1") -> dict:
    """The autograded notebook."""
    return json.loads((made / "autograded" / student / assignment / f"{id}.ipynb").read_text(encoding="utf-8"))


def said(made: Path, student: str, **where: str) -> str:
    """What the test cells of the autograded notebook say."""
    outputs = [output for each in graded(made, student, **where)["cells"] for output in each.get("outputs", [])]
    return "\n".join("".join(output.get("text", "")) for output in outputs)


def feedback(made: Path, student: str, *, id: str = "double", assignment: str = "ps1") -> str:
    """The page that the student gets, as HTML."""
    result = api(made).generate_feedback(assignment, student)
    assert result["success"], result
    return page(made, student, id=id, assignment=assignment)


def page(made: Path, student: str, *, id: str = "double", assignment: str = "ps1") -> str:
    """The page of a student, made before."""
    return (made / "feedback" / student / assignment / f"{id}.html").read_text(encoding="utf-8")


def text_of(page: str) -> str:
    """What can be read on a page."""
    page = re.sub(r"<(style|script).*?</\1>", "", page, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", "", page))


def copy_of(made: Path, folder: Path) -> Path:
    """A course of its own for a test that changes it; its catalogue is shared."""
    shutil.copytree(made, folder / "course", symlinks=True, ignore=shutil.ignore_patterns("pipe"))
    return folder / "course"


def configure(made: Path, *lines: str) -> None:
    """Add to a course's configuration."""
    path = made / course.CONFIGURATION
    path.write_text("\n".join([path.read_text(), *lines, ""]))


def set_points(made: Path, category: str, points: float, *, id: str = "double", assignment: str = "ps1") -> None:
    """What an instructor changes in the source notebook."""
    path = made / "source" / assignment / f"{id}.ipynb"
    notebook = json.loads(path.read_text())
    cell(notebook, category)["metadata"]["nbgrader"]["points"] = points
    path.write_text(json.dumps(notebook))
    generate(made, assignment)
