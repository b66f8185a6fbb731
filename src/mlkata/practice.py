"""A learner's practice folder: how it is known, and where in it things lie.

It holds exercises/ and nothing that is hidden: graders and solutions stay where mlkata is installed. What makes a
folder one is the list of what was put into it; commands find it from anywhere inside.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from mlkata.catalog import Catalog
from mlkata.errors import UsageError

OWN_FOLDER = ".mlkata"


@dataclass(frozen=True)
class Practice:
    """A practice folder; `root` is absolute."""

    root: Path

    @property
    def catalog(self) -> Catalog:
        """Its exercises, each with the grader and the reference of the installed mlkata."""
        return Catalog(self.root)

    @property
    def shipped(self) -> Path:
        """What mlkata put into the folder, by digest: the file that makes it a practice folder."""
        return self.root / OWN_FOLDER / "shipped.txt"

    @property
    def backups(self) -> Path:
        """What the learner had written before a reset."""
        return self.root / OWN_FOLDER / "backups"

    @property
    def journal(self) -> Path:
        """What the learner did, a line for each deed."""
        return self.root / "progress.txt"

    @property
    def interviews(self) -> Path:
        """A folder for each interview."""
        return self.root / "interviews"

    @property
    def exists(self) -> bool:
        """Whether there is such a folder."""
        return self.shipped.is_file()

    def shown(self, path: Path) -> str:
        """A path as one types it in the folder, with the separators of this system."""
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)


def find_practice(start: Path) -> Practice | None:
    """The innermost practice folder that a path lies in; None where it lies in none."""
    start = Path(os.path.abspath(start))
    return next((found for folder in (start, *start.parents) if (found := Practice(folder)).exists), None)


def require_practice(start: Path) -> Practice:
    """The same. Raises UsageError where there is none."""
    practice = find_practice(start)
    if practice is None:
        todo = "make one with `mlkata init DIR`, then run this in it, or name it with --root"
        raise UsageError(f"{os.path.abspath(start)}: expected a practice folder, found none here or above; {todo}")
    return practice
