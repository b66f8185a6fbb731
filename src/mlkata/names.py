"""Which dotted name an expression stands for, judged from a syntax tree.

Nothing is run: a variable stands for all that the text ever binds to it, in whatever order.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from itertools import product
from typing import NamedTuple

from mlkata.scopes import Binding, Scopes

UNKNOWN = "?"
_NOTHING_KNOWN = frozenset({UNKNOWN})
# A text can be made to mean exponentially many names, or one of exponential length; one this long is out to do so.
_MOST_MEANINGS = 64
_LONGEST_TEXT = 200

CONTAINERS = frozenset({"bytes", "dict", "frozenset", "list", "set", "str", "tuple"})
_MAKES = {**dict(zip(CONTAINERS, CONTAINERS, strict=True)), "sorted": "list"}
_LITERALS: dict[type[ast.expr], str] = {
    ast.Dict: "dict",
    ast.DictComp: "dict",
    ast.JoinedStr: "str",
    ast.List: "list",
    ast.ListComp: "list",
    ast.Set: "set",
    ast.SetComp: "set",
    ast.Tuple: "tuple",
}
_GETATTR = frozenset({"getattr", "object.__getattribute__", "type.__getattribute__"})
_OWN_GETATTR = frozenset({"__getattribute__", "__getattr__"})
GETTERS = frozenset({"operator.attrgetter", "operator.methodcaller"})


class Read(NamedTuple):
    """An attribute read off a value, by `of.name`, getattr or their like; names is None where it is not constant."""

    of: ast.expr
    names: frozenset[str] | None


class Names:
    """What the expressions of one syntax tree stand for.

    Parameters
    ----------
    tree : ast.Module
        Read once; it must not change afterwards.
    """

    def __init__(self, tree: ast.Module) -> None:
        self._scopes = Scopes(tree)
        self._meanings: dict[ast.expr, frozenset[str]] = {}
        self._texts: dict[ast.expr, frozenset[str] | None] = {}
        self.packages = frozenset(self._scopes.packages)
        self.own_attributes = frozenset(self._scopes.attributes)

    def meanings(self, node: ast.expr) -> frozenset[str]:
        """The dotted names that an expression may stand for, UNKNOWN among them where it may be anything else too.

        A name that the text never binds stands for itself, a builtin; a literal and a call of list, str and the like
        stand for their type.
        """
        if node not in self._meanings:
            # What an expression finds that asks for itself, as in `a = a.next`.
            self._meanings[node] = _NOTHING_KNOWN
            meanings = self._of(node)
            self._meanings[node] = meanings if len(meanings) <= _MOST_MEANINGS else _NOTHING_KNOWN
        return self._meanings[node]

    def imported(self, node: ast.expr) -> frozenset[str]:
        """Those of its meanings that lie in a package which the text imports."""
        return frozenset(name for name in self.meanings(node) if name.partition(".")[0] in self.packages)

    def is_builtin(self, node: ast.Name) -> bool:
        """Whether a name is bound nowhere in the text where it stands, or only to itself, as in `eval = eval`."""
        return all(binding is node for binding in self._scopes.bindings(node) or ())

    def read(self, node: ast.expr) -> Read | None:
        """The attribute that an expression reads, None where it is none."""
        match node:
            case ast.Attribute(value=of, attr=name):
                return Read(of, frozenset({name}))
            case ast.Call(func=ast.Attribute(value=of, attr=method), args=[name]) if method in _OWN_GETATTR:
                return Read(of, self.texts(name))
            case ast.Call(func=ast.Call(func=getter, args=[name, *_]), args=[of]) if self.meanings(getter) & GETTERS:
                return Read(of, self.texts(name))
            case ast.Call(func=getter, args=[of, name, *_]) if self.meanings(getter) & _GETATTR:
                return Read(of, self.texts(name))
        return None

    def texts(self, node: ast.expr) -> frozenset[str] | None:
        """The strings that an expression may be, None where it is not made of constants alone."""
        if node not in self._texts:
            self._texts[node] = None
            texts = self._text_of(node)
            self._texts[node] = texts if texts is None or len(texts) <= _MOST_MEANINGS else None
        return self._texts[node]

    def _of(self, node: ast.expr) -> frozenset[str]:
        match node:
            case ast.Name():
                return self._of_name(node)
            case ast.IfExp(body=one, orelse=other):
                return self.meanings(one) | self.meanings(other)
            case ast.BoolOp(values=values):
                return self._union(values)
            case ast.NamedExpr(value=value):
                return self.meanings(value)
            case ast.Constant(value=value):
                return frozenset({type(value).__name__})
        if type(node) in _LITERALS:
            return frozenset({_LITERALS[type(node)]})
        read = self.read(node)
        if read is not None:
            return self._of_read(read)
        if isinstance(node, ast.Call):
            made = self.meanings(node.func)
            if made <= _MAKES.keys():
                return frozenset(_MAKES[name] for name in made)
        return _NOTHING_KNOWN

    def _of_name(self, node: ast.Name) -> frozenset[str]:
        return frozenset({node.id}) if self.is_builtin(node) else self._of_bindings(self._scopes.bindings(node) or ())

    def _of_bindings(self, bindings: Iterable[Binding]) -> frozenset[str]:
        known = frozenset(each for each in bindings if isinstance(each, str))
        if None in bindings:
            known |= _NOTHING_KNOWN
        return known | self._union(each for each in bindings if isinstance(each, ast.expr))

    def _of_read(self, read: Read) -> frozenset[str]:
        of = self.meanings(read.of)
        if read.names is None:
            return _NOTHING_KNOWN
        known = frozenset(f"{each}.{name}" for each in of - _NOTHING_KNOWN for name in read.names)
        if UNKNOWN not in of:
            return known
        # `self.lib = torch` in one method is `self.lib` in another: any attribute of that name may be the one.
        stored = (self._of_bindings(self._scopes.attributes.get(name, ())) for name in read.names)
        return known.union(*stored, _NOTHING_KNOWN)

    def _union(self, nodes: Iterable[ast.expr]) -> frozenset[str]:
        return frozenset().union(*map(self.meanings, nodes))

    def _text_of(self, node: ast.expr) -> frozenset[str] | None:
        match node:
            case ast.Constant(value=str(text)):
                return frozenset({text})
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._joined("", [left, right])
            case ast.JoinedStr(values=parts):
                return self._joined("", parts)
            case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                return self.texts(value)
            case ast.IfExp(body=one, orelse=other):
                return self._either([one, other])
            case ast.Name():
                return self._either(self._scopes.bindings(node) or (None,))
            case ast.Call(
                func=ast.Attribute(value=ast.Constant(value=str(glue)), attr="join"),
                args=[ast.List(elts=parts) | ast.Tuple(elts=parts)],
            ):
                return self._joined(glue, parts)
        return None

    def _either(self, choices: Iterable[Binding]) -> frozenset[str] | None:
        known: frozenset[str] = frozenset()
        for choice in choices:
            texts = self.texts(choice) if isinstance(choice, ast.expr) else None
            if texts is None:
                return None
            known |= texts
        return known

    def _joined(self, glue: str, parts: Iterable[ast.expr]) -> frozenset[str] | None:
        joined: frozenset[str] | None = None
        for part in parts:
            texts = self.texts(part)
            if texts is None or len(texts) * len(joined or ()) > _MOST_MEANINGS:
                return None
            joined = texts if joined is None else frozenset(a + glue + b for a, b in product(joined, texts))
            if max(map(len, joined)) > _LONGEST_TEXT:
                return None
        return frozenset({""}) if joined is None else joined
