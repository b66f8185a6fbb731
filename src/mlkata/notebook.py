"""A submitted notebook as the source text of its solution cells."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlkata.cells import plain_python, without_future_imports
from mlkata.errors import DoesNotLoad

EXAMPLES_TAG = "mlkata-examples"
MARK = "# mlkata:"  # with it begins each cell of a notebook of ours that holds checks


def read_notebook(path: Path) -> str:
    """The solution cells of a notebook, joined in their order.

    Code cells are taken, except nbgrader's tests, its locked cells, those tagged mlkata-examples, and those that begin
    with our mark, which stays where a program drops nbgrader's metadata. Each begins with a comment that says which
    cell of the notebook it is, counted from 1 with the cells of text. Magics, shell lines and help lines become
    comments, so that a line of a cell stays the same line of its part.

    Raises
    ------
    DoesNotLoad
        There is no such file, or it is no notebook, or it has no solution.
    """
    code = [cell for cell in _cells(path, read_document(path)) if cell.is_code]
    if not code:
        raise _fault(path, "code cells", "none", "write your answer in a code cell")
    taken = [cell for cell in code if cell.is_solution]
    if not taken:
        todo = "begin again from the notebook that was handed out, and write your answer in its solution cell"
        raise _fault(path, "a cell for the solution", "only cells of tests or locked ones", todo)
    text = joined((f"cell {cell.number} of the notebook", cell.source) for cell in taken)
    if all(not line.strip() or line.startswith(("#", "from __future__ ")) for line in text.split("\n")):
        todo = "write your answer in a code cell without %% at its top, save the notebook, and hand it in again"
        raise _fault(path, "Python code", "empty cells", todo)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _fault(path, "text", "half a character", "delete the odd characters, and save it again") from None
    return text


def joined(cells: Iterable[tuple[str, str]]) -> str:
    """One source text of cells, each given by what the comment above it says and its source."""
    parts, future = [], []
    for label, source in cells:
        part, names = without_future_imports(plain_python(source))
        parts.append(f"# {label}\n{part}")
        future += names
    text = "\n".join(parts) + "\n"
    return f"from __future__ import {', '.join(dict.fromkeys(future))}\n{text}" if future else text


@dataclass(frozen=True)
class _Cell:
    """A cell, and where it stands in the notebook."""

    number: int
    kind: str
    source: str
    metadata: dict[str, Any]

    @property
    def is_code(self) -> bool:
        """Whether it is code, or was handed out as such, for an answer that was made text of by a slip."""
        nbgrader = self.metadata.get("nbgrader")
        was = isinstance(nbgrader, dict) and nbgrader.get("solution") is True and nbgrader.get("cell_type") == "code"
        return self.kind == "code" or was

    @property
    def is_solution(self) -> bool:
        tags = self.metadata.get("tags")
        if (isinstance(tags, list) and EXAMPLES_TAG in tags) or self.source.startswith(MARK):
            return False
        nbgrader = self.metadata.get("nbgrader")
        if not isinstance(nbgrader, dict) or nbgrader.get("solution") is True:
            return True
        return nbgrader.get("grade") is not True and nbgrader.get("locked") is not True


def read_document(path: Path) -> dict[str, Any]:
    """What a notebook's file holds, which is a table at least.

    Raises
    ------
    DoesNotLoad
        There is no such file, or it is no notebook.
    """
    try:
        document = json.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise _fault(path, "a notebook", "no such file", "check the name") from None
    except IsADirectoryError:
        raise _fault(path, "a notebook", "a folder", "name the .ipynb file") from None
    except OSError as error:
        raise _fault(path, "a readable notebook", str(error.strerror), "make it readable") from None
    except UnicodeDecodeError as error:
        found = f"other bytes (from byte {error.start} on)"
        raise _fault(path, "UTF-8 text", found, "save it from Jupyter again") from None
    except json.JSONDecodeError as error:
        where = f"{path}, line {error.lineno}"
        found = "an empty file" if not error.doc.strip() else f"text that is none ({error.msg})"
        todo = "a notebook that was cut short or edited by hand does not load: save it from Jupyter again"
        raise _fault(where, "a notebook, which is JSON", found, todo) from None
    except (RecursionError, ValueError):
        raise _fault(path, "a notebook", "JSON of a kind that no notebook has", "save it from Jupyter again") from None
    if not isinstance(document, dict):
        raise _fault(path, "a notebook", f"JSON that is a {_kind(document)}", "hand in the .ipynb file")
    return document


def _cells(path: Path, document: dict[str, Any]) -> Iterator[_Cell]:
    """The cells, also of format 3, which keeps them in worksheets and calls the source of code its input."""
    if "worksheets" in document and "cells" not in document:
        sheets = document["worksheets"] if isinstance(document["worksheets"], list) else []
        listed: Any = [cell for sheet in sheets if isinstance(sheet, dict) for cell in _listed(sheet.get("cells"))]
    else:
        listed = document.get("cells")
    if not isinstance(listed, list):
        todo = "hand in a notebook that Jupyter wrote"
        raise _fault(path, "a notebook with a list of cells", "none" if listed is None else _kind(listed), todo)
    for number, cell in enumerate(listed, start=1):
        where = f"{path}, cell {number}"
        if not isinstance(cell, dict):
            raise _fault(where, "a cell", f"a {_kind(cell)}", "save it from Jupyter again")
        source = cell.get("source", cell.get("input", ""))
        lines: list[Any] = source if isinstance(source, list) else [source]
        if not all(isinstance(line, str) for line in lines):
            todo = "save it from Jupyter again"
            raise _fault(where, "source that is text or lines of text", f"a {_kind(source)}", todo)
        metadata = cell.get("metadata")
        yield _Cell(number, str(cell.get("cell_type")), "".join(lines), metadata if isinstance(metadata, dict) else {})


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _kind(value: Any) -> str:
    names = {dict: "table", list: "list", str: "text", bool: "truth value", int: "number", float: "number"}
    return names.get(type(value), "null")


def _fault(where: Path | str, expected: str, found: str, todo: str) -> DoesNotLoad:
    return DoesNotLoad(f"{where}: expected {expected}, found {found}; {todo}")
