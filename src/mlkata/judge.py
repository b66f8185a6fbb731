"""Walks a submission's syntax tree and says what in it breaks the rules."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mlkata.bans import BLIND_ATTRIBUTES, BLIND_BUILTINS, HARMLESS, SETTINGS, Bans, blind_member
from mlkata.names import GETTERS, UNKNOWN, Names

_READERS = frozenset({"getattr", "vars"})
_WRITERS = frozenset({"setattr", "delattr", "object.__setattr__", "object.__delattr__", "type.__setattr__"})


@dataclass(frozen=True)
class Violation:
    """One thing that a submission may not do: where (a line, from 1), what, why not, and what to do instead."""

    line: int
    name: str
    why: str
    todo: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.name} {self.why}; {self.todo}"


class Judge:
    """Walks one tree and says what in it breaks the rules."""

    def __init__(self, tree: ast.Module, allowed: Sequence[str], banned: Sequence[str]) -> None:
        self._tree = tree
        self._allowed = allowed
        self._bans = Bans(banned)
        self._names = Names(tree)

    def violations(self) -> Iterator[Violation]:
        """The violations, in no particular order."""
        waiting: list[ast.AST] = [self._tree]
        while waiting:
            node = waiting.pop()
            found = list(self._of(node))
            yield from found
            if found and isinstance(node, ast.Attribute):
                # What leads up to a refused name would only be refused once more.
                waiting.append(_root(node))
            else:
                waiting += ast.iter_child_nodes(node)

    def _of(self, node: ast.AST) -> Iterator[Violation]:
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield from self._of_import(alias.lineno, alias.name, alias.name)
            case ast.ImportFrom():
                yield from self._of_import_from(node)
            case ast.Name(ctx=ast.Load()) if self._names.is_builtin(node):
                yield from self._of_builtin(node)
            case ast.Attribute(ctx=ast.Store() | ast.Del()):
                yield from self._of_change(_line(node), node.value, node.attr)
            case ast.Attribute():
                yield from self._of_read(node)
            case ast.Call():
                yield from self._of_read(node)
                yield from self._of_call(node)

    def _of_import(self, line: int, module: str, name: str) -> Iterator[Violation]:
        """Judges one imported name: the module itself, or a member of it."""
        package = module.partition(".")[0]
        if self._bans.forbid(name):
            yield _gives_away(line, name)
        elif package not in HARMLESS and package not in self._allowed:
            yield Violation(line, module, "may not be imported here", self._importable())
        else:
            yield from _blind(line, name)

    def _of_import_from(self, node: ast.ImportFrom) -> Iterator[Violation]:
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            line, statement = alias.lineno, f"from {module} import {alias.name}"
            if node.level:
                yield Violation(line, statement, "reads another file", "keep all your code in this one")
                continue
            yield from self._of_import(line, module, f"{module}.{alias.name}")
            if alias.name == "*":
                yield Violation(line, statement, "hides which names it brings", "import those that you use")

    def _importable(self) -> str:
        packages = ", ".join(sorted(set(self._allowed) - HARMLESS))
        computing = "what computes in the standard library (math, itertools, ...)"
        return f"import only {packages} and {computing}" if packages else f"import only {computing}"

    def _of_builtin(self, node: ast.Name) -> Iterator[Violation]:
        if self._bans.forbid(node.id):
            yield _gives_away(node.lineno, node.id)
        elif node.id in BLIND_BUILTINS:
            yield Violation(node.lineno, node.id, *BLIND_BUILTINS[node.id])

    def _of_read(self, node: ast.Attribute | ast.Call) -> Iterator[Violation]:
        read = self._names.read(node)
        if read is None:
            return
        if read.names is None:
            yield from self._hidden(node, read.of)
            return
        line = _line(node)
        meanings = sorted(self._names.meanings(node) - {UNKNOWN})
        given_away = [name for name in meanings if self._bans.forbid(name)]
        if given_away:
            yield _gives_away(line, given_away[0])
        for name in meanings:
            yield from _blind(line, name)
        for name in sorted(read.names):
            if name in BLIND_ATTRIBUTES:
                yield Violation(line, f".{name}", *BLIND_ATTRIBUTES[name])
            elif not given_away and self._is_banned_attribute(read.of, name):
                yield _gives_away(line, f".{name}")

    def _is_banned_attribute(self, of: ast.expr, name: str) -> bool:
        is_own = name in self._names.own_attributes
        trail = f".{name}"
        while isinstance(of, ast.Attribute):
            trail, of = f".{of.attr}{trail}", of.value
        if self._bans.forbid_anywhere(trail):
            return not (is_own and isinstance(of, ast.Name) and of.id in ("self", "cls"))
        return not is_own and self._is_unknown(of) and self._bans.forbid_member(name, self._names.packages)

    def _is_unknown(self, node: ast.expr) -> bool:
        return UNKNOWN in self._names.meanings(node)

    def _of_call(self, node: ast.Call) -> Iterator[Violation]:
        called = self._names.meanings(node.func)
        first = node.args[0] if node.args else None
        if called & _WRITERS and first is not None:
            names = (self._names.texts(node.args[1]) if len(node.args) > 1 else None) or {"<name>"}
            yield from self._of_change(node.lineno, first, min(names))
        if "vars" in called and first is None:
            yield Violation(node.lineno, "vars()", *BLIND_BUILTINS["locals"])
        elif "vars" in called and first is not None:
            yield from self._hidden(node, first)
        if called & GETTERS and first is not None:
            yield from self._of_getter(first)
        if any(self._names.meanings(argument) & _READERS for argument in node.args):
            # As in reduce(getattr, path, module).
            for part in (part for argument in node.args for part in ast.walk(argument) if isinstance(part, ast.expr)):
                yield from self._hidden(node, part)

    def _of_getter(self, path: ast.expr) -> Iterator[Violation]:
        """Judges the name that operator.attrgetter or methodcaller is made with, to be read off anything."""
        for text in sorted(self._names.texts(path) or ()):
            name = text.rpartition(".")[2]
            is_member = name not in self._names.own_attributes and self._bans.forbid_member(name, self._names.packages)
            if is_member or self._bans.forbid_anywhere(f".{text}"):
                yield _gives_away(path.lineno, f".{name}")

    def _hidden(self, node: ast.expr, module: ast.expr) -> Iterator[Violation]:
        for name in sorted(self._names.imported(module))[:1]:
            yield Violation(
                node.lineno, name, "is read by a name that is not written out", f"write what you mean as {name}.<name>"
            )

    def _of_change(self, line: int, of: ast.expr, attribute: str) -> Iterator[Violation]:
        if attribute in BLIND_ATTRIBUTES:
            yield Violation(line, f".{attribute}", *BLIND_ATTRIBUTES[attribute])
        imported = self._names.imported(of)
        # A name that may also be something of the submission's own is given the benefit of the doubt.
        if imported and not self._is_unknown(of):
            name = f"{min(imported)}.{attribute}"
            if not name.startswith(SETTINGS):
                yield Violation(line, name, "is not yours to change", "give what you make a name of its own")


def _root(node: ast.expr) -> ast.expr:
    return _root(node.value) if isinstance(node, ast.Attribute) else node


def _line(node: ast.expr) -> int:
    """Where the attribute itself stands in a chain that runs over several lines."""
    return node.end_lineno or node.lineno if isinstance(node, ast.Attribute) else node.lineno


def _gives_away(line: int, name: str) -> Violation:
    return Violation(line, name, "would give the answer away", "write it yourself")


def _blind(line: int, name: str) -> Iterator[Violation]:
    reason = blind_member(name)
    if reason is not None:
        yield Violation(line, name, *reason)
