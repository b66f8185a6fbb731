"""The cells that a notebook's kernel has run so far, as the source text that grading would read from the notebook."""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence
from typing import Any

from mlkata.cells import plain_python
from mlkata.errors import UsageError
from mlkata.notebook import MARK, joined


def source_so_far() -> str:
    """What grading would read, were the notebook handed in as it was run.

    Raises
    ------
    UsageError
        There is no kernel in this process.
    """
    ipython = sys.modules.get("IPython")
    shell: Any = ipython.get_ipython() if ipython else None
    if shell is None:
        raise UsageError("expected a notebook's kernel, found none; run this in a notebook, or `pytest` on your file")
    return source_of(shell.history_manager.input_hist_raw)


def source_of(history: Sequence[str]) -> str:
    """The same of all inputs in their order, the first of which is no cell.

    A cell that was run again after a change is there twice: an earlier input is left out where a later one defines all
    that it defines, and where it is no Python.
    """
    kept: list[tuple[int, str]] = []
    later: set[frozenset[str]] = set()
    for number, text in reversed(list(enumerate(history))[1:]):
        if text.startswith(MARK):
            continue
        names = _defined(text)
        if names is None or (names and any(names <= others for others in later)):
            continue
        later.add(names)
        kept.append((number, text))
    return joined((f"In [{number}]", text) for number, text in reversed(kept))


def _defined(text: str) -> frozenset[str] | None:
    """The names that a cell binds at its top level, or None where it does not parse."""
    try:
        tree = ast.parse(plain_python(text))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {part.id for each in targets for part in ast.walk(each) if isinstance(part, ast.Name)}
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return frozenset(names)
