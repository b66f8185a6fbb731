"""Automatic wrong answers: the reference with one careless thing done to it.

Each is the reference's source with a few lines behind it that wrap an entry. The wrapper sets the module's
``_mlkata_applied`` when it changed something, so that a change which had no occasion is told from one that no check
noticed. A watched reference tells in advance which of them would have an occasion.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from mlkata.catalog import Exercise
from mlkata.wrappers import WRAPPERS

IDEAS = {
    "returns_zeros": "returns zeros in the right shape",
    "returns_its_input": "returns its first argument",
    "changes_its_input": "writes into its first argument",
    "casts_to_float32": "rounds results to float32",
    "casts_to_int": "rounds results to whole numbers",
    "clears_nan": "replaces NaN and infinity in its arguments",
}


@dataclass(frozen=True)
class AutomaticAnswer:
    """An automatic wrong answer.

    Attributes
    ----------
    name : str
        ``idea:entry`` or ``idea:Class.method``; what a grader's WAIVED names.
    what : str
        What it does, for a message.
    source : str
        Its Python source.
    """

    name: str
    what: str
    source: str


def automatic_answers(exercise: Exercise, reference: str) -> Iterator[AutomaticAnswer]:
    """Every automatic wrong answer to an exercise, from the source of its reference."""
    for target, options in targets(exercise, reference):
        if not target.endswith(".__init__"):
            for idea, what in IDEAS.items():
                yield AutomaticAnswer(f"{idea}:{target}", f"{target} {what}", _changed(reference, target, idea))
        for option in options:
            name = f"ignores_{option}:{target.removesuffix('.__init__')}"
            source = _changed(reference, target, "ignores", option)
            yield AutomaticAnswer(name, f"{target.removesuffix('.__init__')} ignores {option}", source)


def idle_answer(exercise: Exercise, reference: str) -> str:
    """The source of a submission that can be called as the prompt says and does nothing: it returns None."""
    names = [target for target, _ in targets(exercise, reference)]
    return "\n".join([reference, WRAPPERS, *(f"{name} = _mlkata_does_nothing({name})" for name in names), ""])


def watched_reference(exercise: Exercise, reference: str) -> str:
    """The source of a reference that does nothing wrong, and notes what would have had an occasion to.

    The module's ``_mlkata_occasions`` is a set of the names of automatic wrong answers. One that cannot be tried for
    want of a copy counts as having an occasion.
    """
    watched = [
        f"{target} = _mlkata_watched({target}, {target!r}, {options!r})"
        for target, options in targets(exercise, reference)
    ]
    return "\n".join([reference, WRAPPERS, *watched, ""])


def targets(exercise: Exercise, reference: str) -> Iterator[tuple[str, list[str]]]:
    """The functions and public methods of a reference that can be wrapped, with their parameters that have defaults."""
    for node in ast.parse(reference).body:
        if isinstance(node, ast.FunctionDef) and node.name in exercise.entry:
            yield node.name, _options(node)
        elif isinstance(node, ast.ClassDef) and node.name in exercise.entry:
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and (
                    method.name == "__init__" or not method.name.startswith("_")
                ):
                    yield f"{node.name}.{method.name}", _options(method)


def _options(function: ast.FunctionDef) -> list[str]:
    spec = function.args
    by_place = [*spec.posonlyargs, *spec.args]
    named = [item.arg for item in by_place[len(by_place) - len(spec.defaults) :]]
    return named + [
        item.arg for item, value in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if value is not None
    ]


def _changed(reference: str, target: str, idea: str, option: str = "") -> str:
    return f"{reference}\n\n{WRAPPERS}\n{target} = _mlkata_{idea}({target}{', ' + repr(option) if option else ''})\n"
