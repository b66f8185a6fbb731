"""What a submission's source may import and call, judged from its syntax tree.

The source is read, never imported or run. What stands under `if __name__ == "__main__":` is not run by a grader either,
and is not judged.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mlkata.bans import HARMLESS
from mlkata.errors import RefusedByRules
from mlkata.judge import Judge, Violation

if TYPE_CHECKING:
    from mlkata.catalog import Exercise

__all__ = ["HARMLESS", "Violation", "check", "violations"]

_MOST_SHOWN = 5
_MAIN_GUARDS = frozenset({"__name__ == '__main__'", "'__main__' == __name__"})


def check(source: str, exercise: Exercise, filename: str) -> None:
    """Passes a source that obeys the rules of an exercise.

    Raises
    ------
    RefusedByRules
        It does not; the message names the file and the first five violations.
    SyntaxError
        It is no Python.
    """
    found = violations(source, allowed=exercise.allowed, banned=exercise.banned)
    if found:
        shown = [str(each) for each in found[:_MOST_SHOWN]]
        if len(found) > _MOST_SHOWN:
            shown.append(f"and {len(found) - _MOST_SHOWN} more")
        raise RefusedByRules("\n  ".join([f"{filename} does what this exercise does not allow:", *shown]))


def violations(source: str, *, allowed: Sequence[str], banned: Sequence[str]) -> tuple[Violation, ...]:
    """All that a source may not do, sorted by line; the same name is told once a line.

    Parameters
    ----------
    source : str
        The text of a module.
    allowed : sequence of str
        Top-level packages that it may import besides the modules in HARMLESS.
    banned : sequence of str
        Dotted names; one bans all that lies under it, and what has the same last part in the same package. One with a
        leading dot is an attribute of anything.

    Raises
    ------
    SyntaxError
        The source is no Python.
    """
    try:
        tree = _graded(ast.parse(source))
        found = {(each.line, each.name): each for each in Judge(tree, allowed, banned).violations()}
    except (RecursionError, MemoryError):
        return (Violation(1, "the source", "is nested too deeply to be read", "write shorter expressions"),)
    except ValueError as error:
        raise SyntaxError(str(error)) from error
    return tuple(sorted(found.values(), key=lambda each: (each.line, each.name)))


def _graded(tree: ast.Module) -> ast.Module:
    """The tree without what runs only where the file is run as a program."""
    # The guard is only what it seems while nothing gives the module another name.
    stored = (each for each in ast.walk(tree) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store))
    if any(each.id == "__name__" for each in stored):
        return tree
    body: list[ast.stmt] = []
    for statement in tree.body:
        if isinstance(statement, ast.If) and ast.unparse(statement.test) in _MAIN_GUARDS:
            body += statement.orelse
        else:
            body.append(statement)
    return ast.Module(body, tree.type_ignores)
