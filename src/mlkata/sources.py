"""What the source files of an exercise say, read from their syntax trees and never imported."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlkata.report import Category


@dataclass(frozen=True)
class CheckSource:
    """A test function as it is written.

    Attributes
    ----------
    categories : tuple of Category
        Of its markers; a check of a grader has exactly one.
    conventions : tuple of str
        What its markers name.
    bare_asserts : tuple of int
        Lines of `assert` statements in it.
    """

    name: str
    sentence: str
    categories: tuple[Category, ...]
    conventions: tuple[str, ...]
    bare_asserts: tuple[int, ...]


def tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def checks(path: Path) -> tuple[CheckSource, ...]:
    """The test functions of a file, in order."""
    found = (node for node in tree(path).body if isinstance(node, ast.FunctionDef) and node.name.startswith("test"))
    return tuple(_check(node) for node in found)


def constant(path: Path, name: str) -> Any:
    """The value of a constant that a file assigns at its top level, or its text where that is no literal; else None."""
    for node in tree(path).body:
        if isinstance(node, ast.Assign) and any(
            isinstance(item, ast.Name) and item.id == name for item in node.targets
        ):
            try:
                return ast.literal_eval(node.value)
            except ValueError:
                return ast.unparse(node.value)
    return None


def caught_by(path: Path) -> tuple[str, ...]:
    """The checks that a wrong answer names in CAUGHT_BY; none where that is not the tuple that it must be."""
    found = constant(path, "CAUGHT_BY")
    return found if isinstance(found, tuple) else ()


def definitions(path: Path) -> Mapping[str, ast.FunctionDef | ast.ClassDef]:
    """The functions and classes at the top level of a file, by name."""
    return {node.name: node for node in tree(path).body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}


def docstrings(node: ast.FunctionDef | ast.ClassDef) -> Mapping[str, str]:
    """The docstrings of a definition and, for a class, of its public methods, by name."""
    found = {node.name: ast.get_docstring(node) or ""}
    if isinstance(node, ast.ClassDef):
        for method in methods(node):
            found[f"{node.name}.{method.name}"] = ast.get_docstring(method) or ""
    return found


def signatures(node: ast.FunctionDef | ast.ClassDef) -> Mapping[str, str]:
    """The parameters of a definition and, for a class, of its public methods, as text without annotations."""
    if isinstance(node, ast.FunctionDef):
        return {node.name: _parameters(node)}
    return {f"{node.name}.{method.name}": _parameters(method) for method in methods(node)}


def methods(node: ast.ClassDef) -> Iterator[ast.FunctionDef]:
    """The constructor and the public methods of a class."""
    for item in node.body:
        if isinstance(item, ast.FunctionDef) and (item.name == "__init__" or not item.name.startswith("_")):
            yield item


def telling_lines(path: Path) -> frozenset[str]:
    """The lines of a source that say how something is done: no imports, definitions, docstrings, or short ones."""
    whole = tree(path)
    quiet = {number for node in ast.walk(whole) if _is_quiet(node) for number in _lines_of(node)}
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    return frozenset(squeezed(line) for number, line in lines if number not in quiet and _is_telling(line))


def squeezed(line: str) -> str:
    """A line without white space, to find it again however it is set."""
    return "".join(line.split())


_SHORTEST_TELLING = 25


def _is_telling(line: str) -> bool:
    text = line.strip()
    return len(squeezed(text)) >= _SHORTEST_TELLING and not text.startswith(("#", "raise ", "def ", "class ", "@"))


def _is_quiet(node: ast.AST) -> bool:
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    return is_text or isinstance(node, (ast.Import, ast.ImportFrom, ast.Raise, ast.FunctionDef, ast.ClassDef))


def _lines_of(node: Any) -> range:
    """The lines of a node; of a definition those of its head, which the stub shares."""
    is_definition = isinstance(node, (ast.FunctionDef, ast.ClassDef))
    return range(node.lineno, node.body[0].lineno if is_definition else node.end_lineno + 1)


def _check(node: ast.FunctionDef) -> CheckSource:
    marks = [mark for mark in map(_marker, node.decorator_list) if mark is not None]
    return CheckSource(
        name=node.name,
        sentence=(ast.get_docstring(node) or "").partition("\n")[0],
        categories=tuple(category for category, _ in marks),
        conventions=tuple(key for _, keys in marks for key in keys),
        bare_asserts=tuple(item.lineno for item in ast.walk(node) if isinstance(item, ast.Assert)),
    )


def _marker(decorator: ast.expr) -> tuple[Category, list[str]] | None:
    """A category and the conventions that it names, from ``pytest.mark.edge_case("Ties")``."""
    arguments = decorator.args if isinstance(decorator, ast.Call) else []
    named = decorator.func if isinstance(decorator, ast.Call) else decorator
    if not isinstance(named, ast.Attribute) or named.attr not in set(Category):
        return None
    keys = [item.value for item in arguments if isinstance(item, ast.Constant) and isinstance(item.value, str)]
    return Category(named.attr), keys


def _parameters(function: ast.FunctionDef) -> str:
    spec = copy.deepcopy(function.args)
    for node in ast.walk(spec):
        if isinstance(node, ast.arg):
            node.annotation = None
    return ast.unparse(spec)
