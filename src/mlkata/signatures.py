"""Whether a submission's functions and classes can be called as the prompt says."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from typing import Any

from mlkata.prompt import sections

Parameter = tuple[str, str, bool]  # name, kind as in inspect.Parameter.kind.name, whether it has a default

_BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


def stated(readme: str) -> dict[str, ast.FunctionDef | ast.ClassDef]:
    """The functions and classes that the prompt's section "Signature" shows, by name.

    Raises
    ------
    SyntaxError
        Its code block is no Python.
    """
    code = "\n".join(_BLOCK.findall(sections(readme).get("Signature", "") + "\n"))
    body = ast.parse(code).body
    return {node.name: node for node in body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}


def methods(prompt: Mapping[str, ast.FunctionDef | ast.ClassDef], entry: Sequence[str]) -> dict[str, list[str]]:
    """For each entry the methods that the prompt shows; none for a function."""
    bodies = {
        name: getattr(prompt.get(name), "body", []) if isinstance(prompt.get(name), ast.ClassDef) else []
        for name in entry
    }
    return {name: [node.name for node in body if isinstance(node, ast.FunctionDef)] for name, body in bodies.items()}


def complaints(prompt: Mapping[str, ast.FunctionDef | ast.ClassDef], found: Mapping[str, Any]) -> list[str]:
    """What keeps a submission from being called as the prompt says, one sentence each.

    Parameters
    ----------
    prompt : mapping
        What `stated` returns.
    found : mapping
        For each entry what a worker tells of it: kind, parameters, methods.
    """
    sentences = []
    for name, entry in found.items():
        if entry["kind"] == "missing":
            sentences.append(f"{name} is not defined: define it at the top level of the file")
        elif name in prompt:
            sentences += _compare(name, prompt[name], entry)
    return sentences


def is_found(found: Any, asked: Mapping[str, Sequence[str]]) -> bool:
    """Whether what came from a worker has the form that `complaints` reads."""
    return type(found) is dict and found.keys() == asked.keys() and all(map(_is_entry, found.values()))


def parameters(function: ast.FunctionDef, *, method: bool = False) -> list[Parameter]:
    """The parameters of a definition, without `self` for a method."""
    spec = function.args
    by_place = [(item, "POSITIONAL_ONLY") for item in spec.posonlyargs]
    by_place += [(item, "POSITIONAL_OR_KEYWORD") for item in spec.args]
    defaults = [False] * (len(by_place) - len(spec.defaults)) + [True] * len(spec.defaults)
    listed = [(item.arg, kind, default) for (item, kind), default in zip(by_place, defaults, strict=True)]
    is_static = any(isinstance(mark, ast.Name) and mark.id == "staticmethod" for mark in function.decorator_list)
    listed = listed[1:] if method and not is_static else listed
    if spec.vararg:
        listed.append((spec.vararg.arg, "VAR_POSITIONAL", False))
    listed += [
        (item.arg, "KEYWORD_ONLY", value is not None)
        for item, value in zip(spec.kwonlyargs, spec.kw_defaults, strict=True)
    ]
    if spec.kwarg:
        listed.append((spec.kwarg.arg, "VAR_KEYWORD", False))
    return listed


def _compare(name: str, asked: ast.FunctionDef | ast.ClassDef, entry: Mapping[str, Any]) -> list[str]:
    if isinstance(asked, ast.FunctionDef):
        if entry["kind"] == "class":
            return [f"{name} is a class, a function is asked for"]
        if entry["kind"] != "function":
            return [f"{name} is of type {entry['kind']}, a function is asked for"]
        return _compare_parameters(name, parameters(asked), entry["parameters"])
    if entry["kind"] != "class":
        return [f"{name} is no class, a class is asked for"]
    sentences = []
    for method in (node for node in asked.body if isinstance(node, ast.FunctionDef)):
        wanted = parameters(method, method=True)
        if method.name == "__init__":
            sentences += _compare_parameters(name, wanted, entry["parameters"])
        elif method.name not in entry["methods"]:
            sentences.append(f"the class {name} has no method {method.name}")
        else:
            sentences += _compare_parameters(f"{name}.{method.name}", wanted, entry["methods"][method.name])
    return sentences


def _compare_parameters(name: str, wanted: Sequence[Parameter], theirs: Sequence[Parameter] | None) -> list[str]:
    if theirs is None:
        return []
    kinds = {item[0]: item[1] for item in theirs if item[1] in _NAMED}
    takes_any_keyword = any(item[1] == "VAR_KEYWORD" for item in theirs)
    takes_any_place = any(item[1] == "VAR_POSITIONAL" for item in theirs)
    places = [item[0] for item in theirs if item[1].startswith("POSITIONAL")]
    sentences = []
    for place, (parameter, kind, has_default) in enumerate(wanted):
        if kind.startswith("VAR_"):
            continue
        if parameter not in kinds and not takes_any_keyword:
            sentences.append(f"{name} has no parameter {parameter}")
        elif kind.startswith("POSITIONAL") and not takes_any_place and places[place : place + 1] != [parameter]:
            sentences.append(f"{name} must take {parameter} as parameter {place + 1}")
        elif kind != "POSITIONAL_ONLY" and kinds.get(parameter) == "POSITIONAL_ONLY":
            sentences.append(f"{name} must take {parameter} by keyword too: move the / in front of it")
        elif has_default and any(item[0] == parameter and not item[2] for item in theirs if item[1] in _NAMED):
            sentences.append(f"{name} must have a default for {parameter}")
    known = {item[0] for item in wanted}
    for parameter, kind, has_default in theirs:
        if kind in _NAMED and parameter not in known and not has_default:
            sentences.append(f"{name} asks for {parameter}, which the prompt does not have")
    return sentences


def _is_entry(entry: Any) -> bool:
    if type(entry) is not dict or type(entry.get("kind")) is not str:
        return False
    if entry["kind"] not in ("class", "function"):
        return True
    listed = [entry.get("parameters", 0)]
    if entry["kind"] == "class":
        methods = entry.get("methods")
        if type(methods) is not dict or not all(type(name) is str for name in methods):
            return False
        listed += methods.values()
    return all(each is None or _are_parameters(each) for each in listed)


def _are_parameters(listed: Any) -> bool:
    return type(listed) is list and all(
        type(item) is tuple and [type(part) for part in item] == [str, str, bool] for item in listed
    )


_NAMED = ("POSITIONAL_ONLY", "POSITIONAL_OR_KEYWORD", "KEYWORD_ONLY")
