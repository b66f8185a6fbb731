"""Which exercises of a catalogue git says were changed."""

from __future__ import annotations

import subprocess

from mlkata.catalog import Catalog
from mlkata.errors import UsageError


def changed_ids(catalog: Catalog, since: str) -> tuple[str, ...]:
    """Ids of the exercises with files that differ from a commit, or that git does not know yet, sorted.

    Raises
    ------
    UsageError
        The catalogue is in no git repository, or there is no such commit.
    """
    changed = _git(catalog, "ls-files", "-z", "--others", "--exclude-standard")
    changed += _git(catalog, "diff", "-z", "--name-only", "--no-renames", "--relative", "--end-of-options", since, "--")
    known = set(catalog.ids())
    return tuple(sorted({id for path in changed for id in [_id_of(path)] if id in known}))


def _id_of(path: str) -> str:
    """The id that a path belongs to: the folder below exercises/ or graders/, or the file in solutions/."""
    kind, _, rest = path.partition("/")
    if kind == "solutions":
        return rest.removesuffix(".py")
    return rest.partition("/")[0] if kind in ("exercises", "graders") else ""


def _git(catalog: Catalog, *arguments: str) -> list[str]:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=catalog.root, capture_output=True, text=True, errors="replace", check=True
        )
    except FileNotFoundError:
        raise UsageError("--changed needs git, which is not installed; name the exercises instead") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip().partition("\n")[0]
        raise UsageError(f"--changed: git says of {catalog.root}: {said}; name the exercises instead") from None
    return done.stdout.split("\0")
