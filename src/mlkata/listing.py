"""What the command line says of an exercise: as plain data for JSON, and as text for a reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from mlkata.catalog import Exercise
from mlkata.prompt import conventions
from mlkata.questions import questions
from mlkata.tables import aligned

if TYPE_CHECKING:
    from mlkata.verify import Verdict

_PARAGRAPHS = ("questions", "files", "conventions")


def metadata(exercise: Exercise) -> dict[str, Any]:
    """What exercise.toml says, after the id, with tuples as lists."""
    stated = asdict(exercise)
    del stated["folder"], stated["home"]
    return {key: list(value) if isinstance(value, tuple) else value for key, value in stated.items()}


def details(exercise: Exercise) -> dict[str, Any]:
    """Its metadata, with the questions' texts by id, its files by role, and its conventions by key."""
    texts = {question.id: question.text for question in questions()}
    files = {
        "prompt": exercise.readme,
        "stub": exercise.stub,
        "examples": exercise.visible,
        "hints": exercise.hints,
        "reference": exercise.reference,
        "grader": exercise.grader,
        **{f"right answer {path.stem}": path for path in exercise.right},
        **{f"wrong answer {path.stem}": path for path in exercise.wrong},
    }
    readme = exercise.readme.read_text(encoding="utf-8", errors="replace") if exercise.readme.is_file() else ""
    return {
        **metadata(exercise),
        "questions": {id: texts[id] for id in exercise.questions},
        "files": {role: {"path": str(path), "exists": path.is_file()} for role, path in files.items()},
        "conventions": dict(conventions(readme)),
    }


def text_of(details: Mapping[str, Any]) -> str:
    """The same for a reader: the id, the facts, then a paragraph each of questions, files and conventions."""
    facts = {key: _plain(value) for key, value in details.items() if key not in ("id", *_PARAGRAPHS)}
    paragraphs = [f"{details['id']}\n{_pairs(facts)}"]
    for key in _PARAGRAPHS:
        if details[key]:
            paragraphs.append(f"{key}\n{_pairs({name: _plain(value) for name, value in details[key].items()})}")
    return "\n\n".join(paragraphs)


def _pairs(values: Mapping[str, str]) -> str:
    return aligned([(f"  {name}", value) for name, value in values.items()])


def _plain(value: Any) -> str:
    if isinstance(value, dict) and "path" in value:
        return value["path"] if value["exists"] else f"{value['path']} (missing)"
    if isinstance(value, dict):
        return ", ".join(f"{name} {number:g}" for name, number in value.items())
    return ", ".join(value) or "-" if isinstance(value, list) else str(value)


def verdict_text(verdict: Verdict) -> str:
    """What verifying an exercise said, as text: a line, and one for each law it breaks."""
    cost = f"{verdict.graded} submissions, {verdict.cpu_seconds:.1f} s of CPU"
    if verdict.unwalled:
        cost += "; not proved behind walls"
    if verdict.sound:
        return f"{verdict.id}: sound ({cost})"
    lines = [f"  {complaint.text}  [{complaint.law}]" for complaint in verdict.complaints]
    return "\n".join([f"{verdict.id}: {len(lines)} complaint{'s' if len(lines) > 1 else ''} ({cost})", *lines])
