"""Answers that tests write into a practice folder of the toy catalogue."""

from __future__ import annotations

from pathlib import Path

from toy import edit

from mlkata.practice import Practice


def solve(practice: Practice, id: str) -> None:
    """Writes the reference into the learner's file."""
    reference = practice.root / "solutions" / f"{id}.py"
    (practice.root / "exercises" / id / f"{id}.py").write_text(reference.read_text())


def write_answer(practice: Practice, id: str, old: str, new: str) -> Path:
    """Writes the reference with one mistake into the learner's file."""
    solve(practice, id)
    path = practice.root / "exercises" / id / f"{id}.py"
    edit(path, old, new)
    return path
