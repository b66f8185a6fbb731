"""What a learner did, in one plain file: a line for each deed.

    2026-03-01T18:04:05Z failed focal_loss 12/19

Lines may stand in any order and twice, so that git can merge two versions of the file by keeping the lines of both.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

_HEADING = "# What was done in this folder, a line for each deed, in UTC; mlkata reads the lines in any order.\n"
_TIME = "%Y-%m-%dT%H:%M:%SZ"


class Deed(StrEnum):
    """What was done.

    Each but the last is about an exercise. `detail` of an entry is, for a run, how many checks passed of how many
    (PASSED: of all; FAILED; PARTLY: of some, none of which failed; UNFINISHED: something is not written yet, or does
    not load); for HINT its number; for RESET the backup; for INTERVIEW what it came to.
    """

    BEGAN = "began"
    UNFINISHED = "unfinished"
    FAILED = "failed"
    PARTLY = "partly"
    PASSED = "passed"
    HINT = "hint"
    RESET = "reset"
    SOLUTION = "solution"
    INTERVIEW = "interview"


@dataclass(frozen=True, order=True)
class Entry:
    """One deed; `subject` is an exercise's id, of an interview the company. No part but the last holds blanks."""

    when: datetime
    deed: Deed
    subject: str
    detail: str = ""

    def line(self) -> str:
        """As it stands in the file."""
        return " ".join(filter(None, (self.when.strftime(_TIME), self.deed, self.subject, self.detail))) + "\n"


@dataclass(frozen=True)
class Journal:
    """All entries, by time and each once, and a sentence for every line that is none."""

    entries: tuple[Entry, ...]
    complaints: tuple[str, ...] = ()


def now() -> datetime:
    """The time as entries have it."""
    return datetime.now(UTC).replace(microsecond=0)


def read(path: Path) -> Journal:
    """Read the file; one that does not exist has no entries."""
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except FileNotFoundError:
        return Journal(())
    except OSError as error:
        return Journal((), (f"{path} cannot be read: {error.strerror}; look at its permissions",))
    entries: set[Entry] = set()
    complaints = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            try:
                entries.add(_entry(line))
            except ValueError:
                expected = f"a line such as `{_EXAMPLE}`"
                complaints.append(f"{path}, line {number}: expected {expected}, found {line[:60]!r}; delete the line")
    return Journal(tuple(sorted(entries)), tuple(complaints))


def write(path: Path, entries: Iterable[Entry]) -> None:
    """Add entries at the end, in one stroke, so that several processes may. Raises OSError."""
    text = "".join(entry.line() for entry in entries)
    with path.open("ab+") as file:
        if file.seek(0, os.SEEK_END) == 0:
            text = _HEADING + text
        else:
            file.seek(-1, os.SEEK_END)
            text = text if file.read(1) == b"\n" else f"\n{text}"
        file.write(text.encode())


def write_if_possible(path: Path, entries: Iterable[Entry]) -> None:
    """The same; a file that cannot be written is no reason to fail."""
    with contextlib.suppress(OSError):
        write(path, entries)


def _entry(line: str) -> Entry:
    when, deed, subject, *detail = line.split(maxsplit=3)
    parsed = datetime.fromisoformat(when)
    if parsed.tzinfo is None:
        raise ValueError(f"{when} names no time zone")
    return Entry(parsed.astimezone(UTC), Deed(deed), subject, "".join(detail).strip())


_EXAMPLE = Entry(datetime(2026, 3, 1, 18, 4, 5, tzinfo=UTC), Deed.FAILED, "focal_loss", "12/19").line().strip()
