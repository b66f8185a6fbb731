"""Packs a grader's function into plain data that a worker can make a function of again.

A probe drives a submission from inside the worker: it gets the submission's module as its first argument and returns
plain data. It stands on its own: of its module it may use imported packages, other functions, and constants that are
plain data. It closes over nothing, so nothing of the grader travels but what it names.
"""

from __future__ import annotations

import builtins
import importlib
import inspect
import marshal
import textwrap
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

from mlkata.errors import WireError


def pack(probe: Callable[..., Any]) -> dict[str, Any]:
    """The probe, and what it names, as plain data.

    Raises
    ------
    WireError
        It is no plain function, or closes over a variable, or names something that cannot travel.
    """
    packed: dict[str, Any] = {"name": probe.__name__, "functions": {}, "modules": {}, "objects": {}, "constants": {}}
    _pack_function(probe.__name__, probe, packed)
    return packed


def unpack(packed: dict[str, Any]) -> Callable[..., Any]:
    """The function that `pack` packed."""
    names: dict[str, Any] = {"__builtins__": builtins, "__name__": "probe", **packed["constants"]}
    for alias, dotted in packed["modules"].items():
        names[alias] = importlib.import_module(dotted)
    for alias, (dotted, attribute) in packed["objects"].items():
        names[alias] = getattr(importlib.import_module(dotted), attribute)
    for alias, (code, defaults, keyword_defaults) in packed["functions"].items():
        function = FunctionType(marshal.loads(code), names, alias, defaults)
        function.__kwdefaults__ = keyword_defaults
        names[alias] = function
    made: Callable[..., Any] = names[packed["name"]]
    return made


def title(probe: Callable[..., Any]) -> str:
    """What the learner reads in place of the probe's name: the first line of its docstring, or its name."""
    return (inspect.getdoc(probe) or probe.__name__).partition("\n")[0]


def source(probe: Callable[..., Any]) -> str:
    """The probe's own lines."""
    return textwrap.dedent(inspect.getsource(probe))


def _pack_function(alias: str, function: Any, packed: dict[str, Any]) -> None:
    if type(function) is not FunctionType:
        raise WireError(f"{alias} is no plain function of the grader")
    if function.__closure__:
        inner = ", ".join(function.__code__.co_freevars)
        raise WireError(f"the probe {alias} closes over {inner}: pass it as an argument")
    packed["functions"][alias] = (marshal.dumps(function.__code__), function.__defaults__, function.__kwdefaults__)
    for name in _global_names(function.__code__):
        if name in function.__globals__ and not _is_packed(name, packed):
            _pack_global(name, function.__globals__[name], function.__module__, packed)


def _pack_global(name: str, value: Any, home: str, packed: dict[str, Any]) -> None:
    if isinstance(value, ModuleType):
        packed["modules"][name] = value.__name__
    elif type(value) is FunctionType and value.__module__ == home:
        _pack_function(name, value, packed)
    elif callable(value):
        dotted, attribute = getattr(value, "__module__", None), getattr(value, "__qualname__", ".")
        if not dotted or dotted == home or "." in attribute:
            raise WireError(f"a probe cannot take {name} along: only functions of its file, and what packages define")
        packed["objects"][name] = (dotted, attribute)
    else:
        packed["constants"][name] = value


def _is_packed(name: str, packed: dict[str, Any]) -> bool:
    return any(name in packed[part] for part in ("functions", "modules", "objects", "constants"))


def _global_names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _global_names(constant)
