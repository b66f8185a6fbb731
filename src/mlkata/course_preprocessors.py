"""What an nbgrader course's configuration names: it hands out stubs, reads what is handed in, and grades it.

Each does so for notebooks of ours; those of another kind are left to nbgrader.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.preprocessors import ClearSolutions, Execute
from nbgrader.utils import is_solution
from traitlets import Bool, Enum, Unicode

from mlkata.cell_scores import message_of, score_of, score_text
from mlkata.course_ahead import Ahead
from mlkata.course_cells import KnownCell, exercise_of, known_cells, plain_cells, restored
from mlkata.course_grading import CourseGrader, Submitted
from mlkata.course_notebook import hidden_checks
from mlkata.course_submissions import all_submitted, catalog_of, handed_in, scored_cells, submitted
from mlkata.errors import DoesNotLoad, HarnessError
from mlkata.handins import refuse_odd_files
from mlkata.marking import Options
from mlkata.notebook import read_document
from mlkata.student_text import safe_html, safe_text

TEXT = 200_000  # characters of a notebook's text cells that are rendered; further ones are shown as they were written
STATE = "mlkata"  # the key in a graded notebook's metadata


class LeaveStub(ClearSolutions):  # type: ignore[misc]
    """nbgrader's ClearSolutions; in a notebook of ours the reference goes, and the stub above it stays as it is."""

    code_stub: dict[str, str]

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        if any(cell.cell_type == "code" and hidden_checks(cell.source) for cell in nb.cells):
            stubs, self.code_stub = self.code_stub, dict.fromkeys(self.code_stub, "")
            try:
                nb, resources = super().preprocess(nb, resources)
            finally:
                self.code_stub = stubs
            for cell in filter(is_solution, nb.cells):
                cell.source = cell.source.rstrip()
            return nb, resources
        return _pair(super().preprocess(nb, resources))


class ReadSubmitted(NotebookExporter):  # type: ignore[misc]
    """Reads a notebook that was handed in, however broken it is, with the cells that nbgrader must find in it."""

    def from_filename(self, filename: str, resources: Any = None, **kwargs: Any) -> tuple[Any, Any]:
        facts, coursedir = resources["nbgrader"], self.parent.coursedir
        known = _run_of(self.parent).known(facts)
        folder = coursedir.format_path(coursedir.submitted_directory, facts["student"], facts["assignment"])
        if exercise_of(known) is None or Path(filename).parent != Path(folder):  # what is read a second time is our own
            return _pair(super().from_filename(filename, resources, **kwargs))
        resources["metadata"] = {"name": facts["notebook"], "path": str(Path(filename).parent)}
        return _pair(self.from_notebook_node(self._read(Path(filename), known), resources, **kwargs))

    def _read(self, path: Path, known: tuple[KnownCell, ...]) -> Any:
        try:
            refuse_odd_files(path)
            cells = plain_cells(read_document(path))
        except DoesNotLoad as error:
            text = str(error).replace(str(path), path.name)
            cells = [{"cell_type": "raw", "source": text, "grade_id": "", "metadata": {}, "attachments": {}}]
        nb = nbformat.v4.new_notebook()
        left = TEXT
        for number, cell in enumerate(restored(cells, known)):
            nb.cells.append(_node(cell, f"cell-{number}", rendered=len(cell["source"]) <= left))
            left -= 0 if cell["cell_type"] == "code" else len(cell["source"])
        return nb


class GradeBehindWalls(Execute):  # type: ignore[misc]
    """Takes the place of nbgrader's Execute: the answer is graded in the sandbox, and no kernel starts.

    A score is written into every test cell, or an exception says why there is none: no cell is left without one.
    """

    catalog = Unicode("", help="A folder with exercises/ and graders/; empty for those of mlkata itself.").tag(
        config=True
    )
    show = Enum(("property", "call", "full"), "property", help="How much of a failing check is told.").tag(config=True)
    unsafe_no_sandbox = Bool(False, help="Grade without walls: for submissions that you trust.").tag(config=True)

    def preprocess(self, nb: Any, resources: Any, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        facts = resources["nbgrader"]
        known = _run_of(self.parent.parent).known(facts)
        if exercise_of(known) is None:
            return _pair(super().preprocess(nb, resources, *args, **kwargs))
        return self._graded(nb, facts, known), resources

    def _graded(self, nb: Any, facts: Any, known: tuple[KnownCell, ...]) -> Any:
        where = f"{facts['assignment']}/{facts['notebook']}"
        tests = scored_cells(known, where)
        grader = self._grader()
        one = submitted(self._coursedir, grader, facts["assignment"], facts["student"], facts["notebook"], known)
        report = grader.report(one) or self._grade_class(grader, one, facts["assignment"])
        found = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in nb.cells}
        for cell, category in tests:
            if cell.name not in found or found[cell.name].cell_type != "code":
                todo = "set c.Autograde.exporter_class as `mlkata course init` does"
                raise HarnessError(f"{where}: expected the cell {cell.name}, which is not there; {todo}")
            message = message_of(report, category) if category else "Visible examples carry no points.\n"
            score = score_of(report, category, cell.points or 0.0) if category else 0.0
            found[cell.name].outputs = outputs(message, score)
        nb.metadata[STATE] = {"state": grader.state(one, {cell.name: cell.points or 0.0 for cell, _ in tests})}
        return nb

    @property
    def options(self) -> Options:
        """How submissions are graded."""
        return Options(seed=None, device="cpu", show=self.show, sandboxed=not self.unsafe_no_sandbox)

    @property
    def _coursedir(self) -> Any:
        return self.parent.parent.coursedir

    def _grader(self) -> CourseGrader:
        run = _run_of(self.parent.parent)
        if run.grader is None:
            run.grader = CourseGrader(Path(self._coursedir.root), catalog_of(self.catalog), self.options)
        return run.grader

    def _grade_class(self, grader: CourseGrader, one: Submitted, assignment: str) -> Any:
        """The report of one notebook, graded together with those that nbgrader will come to next: that is faster."""
        run = _run_of(self.parent.parent)
        if run.ahead is None:
            found = handed_in(self._coursedir, assignment, self._coursedir.student_id)
            everyone = all_submitted(self._coursedir, grader, assignment, found)
            self.log.info("mlkata grades %s notebooks of %s", len(everyone), assignment)
            run.ahead = Ahead(grader, everyone)
        report = run.ahead.report(one)
        if report is None:
            outcome = grader.grade([one], jobs=1, step=lambda name: None)
            report = grader.report(one)
            if report is None:
                raise HarnessError("; ".join(outcome.troubles) or f"{one.path}: it was not graded")
        return report


class _Run:
    """What one run of nbgrader's autograde keeps from a notebook to the next."""

    def __init__(self) -> None:
        self.ahead: Ahead | None = None
        self.grader: CourseGrader | None = None
        self._known: dict[tuple[str, ...], tuple[KnownCell, ...]] = {}

    def known(self, facts: Any) -> tuple[KnownCell, ...]:
        """The cells of a notebook, from nbgrader's database."""
        where = (facts["db_url"], facts["notebook"], facts["assignment"])
        if where not in self._known:
            self._known[where] = known_cells(*where)
        return self._known[where]


_runs: WeakKeyDictionary[Any, _Run] = WeakKeyDictionary()


def _run_of(converter: Any) -> _Run:
    return _runs.setdefault(converter, _Run())


def _node(cell: dict[str, Any], id: str, *, rendered: bool) -> Any:
    source, metadata = cell["source"], nbformat.from_dict(cell["metadata"])
    if cell["cell_type"] == "code":
        return nbformat.v4.new_code_cell(source, id=id, metadata=metadata)
    if not metadata.get("nbgrader", {}).get("locked"):  # what is locked comes from the instructor
        is_text = cell["cell_type"] == "markdown" and rendered
        source = safe_html(source, cell["attachments"]) if is_text else safe_text(source)
    return nbformat.v4.new_markdown_cell(source, id=id, metadata=metadata)


def outputs(message: str, score: float) -> list[Any]:
    """What a test cell shows: the message, which nbgrader takes no score from, and the score."""
    said = nbformat.v4.new_output("stream", name="stdout", text=message)
    data = {"text/plain": score_text(score)}
    return [said, nbformat.v4.new_output("execute_result", data, execution_count=None)]


def _pair(converted: Any) -> tuple[Any, Any]:
    nb, resources = converted
    return nb, resources
