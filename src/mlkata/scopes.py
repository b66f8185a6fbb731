"""Where a syntax tree binds its names, and to what: Python's scopes, read without running them."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

# A dotted name that is imported, an expression of the tree, or None: a value that the text alone does not tell.
Binding: TypeAlias = str | ast.expr | None

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp

# Calls that give objects attributes by strings or keywords: method names of modules, and factories of records.
_NAMING = frozenset(
    {"add_module", "register_buffer", "register_module", "register_parameter", "setattr", "__setattr__"}
    | {"SimpleNamespace", "Namespace", "namedtuple", "NamedTuple", "make_dataclass", "Enum"}
)

# What is bound this often may be anything.
_MOST_BINDINGS = 64

_TYPE_PARAMETERS = ("TypeVar", "TypeVarTuple", "ParamSpec")


@dataclass(eq=False)
class Scope:
    """What one module, class, function or comprehension binds; `kind` is the class of its syntax node."""

    kind: type[ast.AST]
    parent: Scope | None = None
    bindings: defaultdict[str, list[Binding]] = field(default_factory=lambda: defaultdict(list))
    declared: dict[str, Scope] = field(default_factory=dict)

    @property
    def is_class(self) -> bool:
        """Whether functions inside do not see its names."""
        return self.kind is ast.ClassDef


class Scopes(ast.NodeVisitor):
    """The bindings of a whole module.

    Attributes
    ----------
    packages : set of str
        Top-level packages that are imported anywhere.
    attributes : mapping of str to list of Binding
        What the text gives to an attribute of that name, of whichever object or class.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.packages: set[str] = set()
        self.attributes: defaultdict[str, list[Binding]] = defaultdict(list)
        self._scope = Scope(ast.Module)
        self._module = self._scope
        self._scope_of: dict[ast.Name, Scope] = {}
        self._values: defaultdict[ast.expr, list[ast.expr]] = defaultdict(list)
        self.visit(tree)

    def bindings(self, node: ast.Name) -> Sequence[Binding] | None:
        """All that a name may be bound to where it stands; None where the text binds it nowhere: a builtin."""
        scope: Scope | None = self._scope_of[node]
        found: list[Binding] = []
        inner = True
        while scope is not None:
            if node.id in scope.declared:
                scope = scope.declared[node.id]
            if node.id in scope.bindings and (inner or not scope.is_class):
                found += scope.bindings[node.id]
                # A class reads the outer name where its own is not bound yet, as in `F = F`.
                if not scope.is_class:
                    return found
            inner = False
            scope = scope.parent
        return found or None

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            package = alias.name.partition(".")[0]
            self.packages.add(package)
            self._bind(alias.asname or package, alias.name if alias.asname else package)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = None if node.level else node.module
        if module:
            self.packages.add(module.partition(".")[0])
        for alias in node.names:
            self._bind(alias.asname or alias.name, f"{module}.{alias.name}" if module else None)

    def visit_Global(self, node: ast.Global) -> None:
        self._scope.declared.update(dict.fromkeys(node.names, self._module))

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        for name in node.names:
            outer = self._scope.parent
            while outer is not None and (outer.is_class or name not in outer.bindings):
                outer = outer.parent
            self._scope.declared[name] = outer or self._module

    def visit_Name(self, node: ast.Name) -> None:
        self._scope_of[node] = self._scope
        if not isinstance(node.ctx, ast.Load):
            for value in self._given_to(node):
                self._bind(node.id, value)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if isinstance(node.ctx, ast.Store):
            for value in self._given_to(node):
                _note(self.attributes[node.attr], value)
        self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._pair(target, node.value)
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._pair(node.target, node.value)
        self.generic_visit(node)

    def visit_For(self, node: ast.For | ast.AsyncFor | ast.comprehension) -> None:
        self._pair_each(node.target, node.iter)
        self.generic_visit(node)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> None:
        self.visit_For(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        self.visit_For(node)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        here = self._scope
        self._pair(node.target, node.value)
        while self._scope.kind is ast.comprehension and self._scope.parent is not None:
            self._scope = self._scope.parent
        self.visit(node.target)
        self._scope = here
        self.visit(node.value)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._bind(node.name, None)
        self._visit_all([*node.decorator_list, *([node.returns] if node.returns else [])])
        self._visit_function(node, node.body)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._visit_function(node, [node.body])

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._bind(node.name, None)
        self._visit_all([*node.decorator_list, *node.bases, *node.keywords])
        self._visit_inside(ast.ClassDef, [*getattr(node, "type_params", []), *node.body])

    def visit_Call(self, node: ast.Call) -> None:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in _NAMING:
            for name in _names_given(node):
                _note(self.attributes[name], None)
        self.generic_visit(node)

    def visit_ListComp(self, node: ast.ListComp) -> None:
        self._visit_comprehension(node, [node.elt])

    def visit_SetComp(self, node: ast.SetComp) -> None:
        self._visit_comprehension(node, [node.elt])

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self._visit_comprehension(node, [node.elt])

    def visit_DictComp(self, node: ast.DictComp) -> None:
        self._visit_comprehension(node, [node.key, node.value])

    def generic_visit(self, node: ast.AST) -> None:
        """Binds what a node names by a plain string: an except handler, a pattern, a type parameter."""
        if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) or type(node).__name__ in _TYPE_PARAMETERS:
            name = getattr(node, "name", None)
            if name:
                self._bind(name, None)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            self._bind(node.rest, None)
        super().generic_visit(node)

    def _visit_function(self, node: _Function, body: Sequence[ast.AST]) -> None:
        given = node.args
        self._visit_all([*given.defaults, *(each for each in given.kw_defaults if each is not None)])
        positional = [*given.posonlyargs, *given.args]
        named = [*positional, *given.kwonlyargs, *(each for each in (given.vararg, given.kwarg) if each)]
        self._visit_all([each.annotation for each in named if each.annotation])
        here, self._scope = self._scope, Scope(type(node), self._scope)
        for each in named:
            self._bind(each.arg, None)
        for each, default in zip(reversed(positional), reversed(given.defaults), strict=False):
            self._bind(each.arg, default)
        for each, default_or_none in zip(given.kwonlyargs, given.kw_defaults, strict=True):
            self._bind(each.arg, default_or_none)
        self._visit_all([*getattr(node, "type_params", []), *body])
        self._scope = here

    def _visit_comprehension(self, node: _Comprehension, made: Sequence[ast.expr]) -> None:
        first, *others = node.generators
        self.visit(first.iter)
        self._pair_each(first.target, first.iter)
        self._visit_inside(ast.comprehension, [first.target, *first.ifs, *others, *made])

    def _visit_inside(self, kind: type[ast.AST], nodes: Iterable[ast.AST]) -> None:
        here, self._scope = self._scope, Scope(kind, self._scope)
        self._visit_all(nodes)
        self._scope = here

    def _visit_all(self, nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            self.visit(node)

    def _given_to(self, target: ast.expr) -> Sequence[Binding]:
        return self._values.get(target) or (None,)

    def _bind(self, name: str, binding: Binding) -> None:
        scope = self._scope.declared.get(name, self._scope)
        _note(scope.bindings[name], binding)
        if scope.is_class:
            _note(self.attributes[name], binding)

    def _pair_each(self, target: ast.expr, values: ast.expr) -> None:
        if isinstance(values, ast.List | ast.Tuple | ast.Set):
            for value in values.elts:
                self._pair(target, value)

    def _pair(self, target: ast.expr, value: ast.expr) -> None:
        """Notes which part of a value an assignment gives to which part of its target, where the text tells."""
        sequence = ast.Tuple | ast.List
        if isinstance(target, sequence) and isinstance(value, sequence):
            if len(target.elts) == len(value.elts):
                for part, part_value in zip(target.elts, value.elts, strict=True):
                    self._pair(part, part_value)
        elif isinstance(target, ast.Name | ast.Attribute):
            self._values[target].append(value)


def _note(bindings: list[Binding], binding: Binding) -> None:
    if len(bindings) < _MOST_BINDINGS:
        bindings.append(binding)
    elif None not in bindings:
        bindings.append(None)


def _names_given(node: ast.Call) -> set[str]:
    """The identifiers among a call's keywords and the strings inside its arguments."""
    names = {each.arg for each in node.keywords if each.arg}
    for argument in node.args:
        for part in ast.walk(argument):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                names.update(part.value.replace(",", " ").split())
    return names
