"""What the gradebook knows of a notebook's cells, and a submitted notebook brought back to that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlkata.course_notebook import EXAMPLES, GRADED, hidden_checks
from mlkata.notebook import MARK


@dataclass(frozen=True)
class KnownCell:
    """One of nbgrader's cells, as the instructor made it: no student can change this.

    Attributes
    ----------
    name : str
        Its grade_id.
    points : float or None
        What it is worth, where it is graded.
    """

    name: str
    kind: str
    source: str
    checksum: str
    locked: bool
    grade: bool
    solution: bool
    task: bool
    points: float | None

    @property
    def metadata(self) -> dict[str, Any]:
        """What nbgrader keeps in the cell."""
        known: dict[str, Any] = {
            "cell_type": self.kind,
            "checksum": self.checksum,
            "grade": self.grade,
            "grade_id": self.name,
            "locked": self.locked,
            "schema_version": 3,
            "solution": self.solution,
            "task": self.task,
        }
        if self.points is not None:
            known["points"] = self.points
        kept = {"deletable": False, "editable": False} if self.locked else {}
        return {**kept, "nbgrader": known}


def known_cells(db_url: str, notebook: str, assignment: str) -> tuple[KnownCell, ...]:
    """The cells of an assignment's notebook; none where nbgrader does not know it."""
    from nbgrader.api import Gradebook, MissingEntry

    with Gradebook(db_url) as gradebook:
        try:
            found = gradebook.find_notebook(notebook, assignment)
        except MissingEntry:
            return ()
        tasks = {cell.name for cell in found.task_cells}
        solutions = {cell.name for cell in found.solution_cells}
        worth = {cell.name: float(cell.max_score) for cell in (*found.grade_cells, *found.task_cells)}
        return tuple(
            KnownCell(
                name=cell.name,
                kind=cell.cell_type,
                source=cell.source or "",
                checksum=cell.checksum or "",
                locked=bool(cell.locked),
                grade=cell.name in worth and cell.name not in tasks,
                solution=cell.name in solutions,
                task=cell.name in tasks,
                points=worth.get(cell.name),
            )
            for cell in found.source_cells
        )


def exercise_of(cells: Sequence[KnownCell]) -> str | None:
    """The exercise that a notebook of ours asks for; None for a notebook of another kind."""
    found = {checks[0] for cell in cells if (checks := hidden_checks(cell.source))}
    return found.pop() if len(found) == 1 else None


def category_of(cell: KnownCell) -> str | None:
    """The category whose checks grade a cell; empty for the visible examples; None for what is no cell of ours."""
    checks = hidden_checks(cell.source)
    if checks:
        return checks[1]
    return "" if cell.name == EXAMPLES and cell.source.startswith(MARK) else None


def plain_cells(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The cells of a submitted notebook, taken apart to what can be trusted to be one: kind, text, and grade_id."""
    listed = document.get("cells")
    if listed is None:
        sheets = [sheet for sheet in _listed(document.get("worksheets")) if isinstance(sheet, Mapping)]
        listed = [cell for sheet in sheets for cell in _listed(sheet.get("cells"))]
    return [_plain(cell) for cell in _listed(listed) if isinstance(cell, Mapping)]


def restored(cells: Sequence[dict[str, Any]], known: Sequence[KnownCell]) -> list[dict[str, Any]]:
    """The cells with what nbgrader must find in them, whatever became of that; cells with checks that lack are added.

    Of cells with the same grade_id the first is taken for it. A further one is a cell like any other, or left out where
    it holds nothing of the student's.
    """
    by_name = {cell.name: cell for cell in known}
    done: set[str] = set()
    kept: list[dict[str, Any]] = []
    for cell in cells:
        one = by_name.get(cell["grade_id"])
        if one is not None and one.name not in done:
            done.add(one.name)
            kept.append(_as_known(cell, one))
        elif not (cell["source"].startswith(MARK) or (one is not None and one.locked and cell["source"] == one.source)):
            kept.append({**cell, "metadata": {}})
    missing = [cell for cell in known if cell.name not in done and (cell.grade or cell.task)]
    order = {str(category): place for place, category in enumerate(GRADED)}
    missing.sort(key=lambda cell: order.get(cell.name, -1))
    return kept + [_as_known({"source": cell.source, "attachments": {}}, cell) for cell in missing]


def _as_known(cell: Mapping[str, Any], known: KnownCell) -> dict[str, Any]:
    return {
        "cell_type": known.kind,
        "source": known.source if known.locked else cell["source"],
        "grade_id": known.name,
        "metadata": known.metadata,
        "attachments": cell["attachments"],
    }


def _plain(cell: Mapping[str, Any]) -> dict[str, Any]:
    kind = cell.get("cell_type")
    source = cell.get("source", cell.get("input", ""))
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str)).encode("utf-8", "replace").decode()
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, Mapping) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, Mapping) else None
    return {
        "cell_type": kind if kind in ("code", "raw") else "markdown",
        "source": text,
        "grade_id": grade_id if isinstance(grade_id, str) else "",
        "metadata": {},
        "attachments": _images(cell.get("attachments")) if kind == "markdown" else {},
    }


def _images(attachments: Any) -> dict[str, Any]:
    """Pictures that a student put into a text cell."""
    found = attachments if isinstance(attachments, Mapping) else {}
    return {
        name: {kind: data}
        for name, bundle in found.items()
        if isinstance(bundle, Mapping)
        for kind, data in bundle.items()
        if kind in ("image/png", "image/jpeg", "image/gif") and isinstance(data, str) and data.isascii()
    }


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
