"""Makes practice folders and brings them up to date, without ever writing over what the learner wrote.

For each file that was put into the folder its digest is kept. A file with a digest that is known was not touched by
the learner and may be replaced; any other is the learner's own.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from mlkata.catalog import Catalog
from mlkata.errors import UsageError
from mlkata.practice import Practice, find_practice

_HEADING = "# What mlkata put into this folder, by digest: it tells what you changed, which is never written over.\n"

# Beside the exercises: where it stands in the practice folder, and which file of data/practice/ it is.
_EXTRAS = {
    "README.md": "README.md.txt",
    "pytest.ini": "pytest.ini.txt",
    ".gitignore": "gitignore.txt",
    ".gitattributes": "gitattributes.txt",
    ".editorconfig": "editorconfig.txt",
    ".vscode/settings.json": "vscode_settings.json.txt",
    ".vscode/extensions.json": "vscode_extensions.json.txt",
}


@dataclass(frozen=True)
class Shipment:
    """What came of bringing files: their paths in the folder, with slashes, sorted.

    Attributes
    ----------
    added : tuple of str
        They were not there.
    renewed : tuple of str
        They were there as mlkata had put them there, and are new now.
    kept : tuple of str
        They are the learner's own, and mlkata has something new for them.
    gone : tuple of str
        Ids of exercises that mlkata brought once and does not have any more; they are left as they are.
    """

    added: tuple[str, ...]
    renewed: tuple[str, ...]
    kept: tuple[str, ...]
    gone: tuple[str, ...]


def init(folder: Path, source: Catalog) -> tuple[Practice, Shipment]:
    """Make a practice folder with all exercises of a catalogue.

    Raises
    ------
    UsageError
        There is one already, or exercises/ is there and might be anybody's, or something cannot be written.
    """
    practice = Practice(Path(os.path.abspath(folder)))
    around = find_practice(practice.root)
    if around is not None:
        where = "is" if around == practice else f"lies in {around.root}, which is"
        raise UsageError(f"{folder} {where} a practice folder already; run `mlkata update` in it for what is new")
    if os.path.lexists(practice.root / "exercises"):
        raise UsageError(f"{practice.root / 'exercises'} exists already; name another folder")
    source.ids()
    write_file(practice.shipped, _HEADING.encode())  # first, so that a folder that was cut short can be completed
    return practice, update(practice, source)


def update(practice: Practice, source: Catalog) -> Shipment:
    """Bring what is new or changed; what is missing is put back, what the learner wrote is left alone.

    Raises
    ------
    UsageError
        Something cannot be read or written; what was brought by then stays.
    """
    known = read_shipped(practice)
    fates: dict[str, list[str]] = {"added": [], "renewed": [], "kept": [], "": []}
    try:
        for name, content in _contents(source).items():
            here, digests = practice.root / name, known.setdefault(name, [])
            fate = _fate(_digest_of(here), digest(content), digests)
            fates[fate].append(name)
            if fate in ("added", "renewed"):
                write_file(here, content)
            if fate != "kept" and digest(content) not in digests:
                digests.append(digest(content))
    finally:
        _write_shipped(practice, known)
    gone = {name.split("/")[1] for name in known if name.startswith("exercises/")} - set(source.ids())
    added, renewed, kept = (tuple(sorted(fates[each])) for each in ("added", "renewed", "kept"))
    return Shipment(added, renewed, kept, tuple(sorted(gone)))


def _fate(found: str | None, new: str, known: Sequence[str]) -> str:
    """What becomes of a file, by its digest, by that of what would be brought, and by those of what was."""
    if found is None:
        return "added"
    if found == new:
        return ""
    if found in known:
        return "renewed"
    return "" if new in known else "kept"


def is_as_shipped(practice: Practice, path: Path) -> bool:
    """Whether a file is one that mlkata put there, in any version of it."""
    name = path.relative_to(practice.root).as_posix()
    return _digest_of(path) in read_shipped(practice).get(name, ())


def remember_shipped(practice: Practice, path: Path) -> None:
    """Remember that mlkata put a file there as it is now."""
    known = read_shipped(practice)
    digests = known.setdefault(path.relative_to(practice.root).as_posix(), [])
    if (found := digest(read_file(path))) not in digests:
        digests.append(found)
    _write_shipped(practice, known)


def digest(content: bytes) -> str:
    """What tells a text from others, however its lines end: git may have changed that on the way to another system."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()


def read_shipped(practice: Practice) -> dict[str, list[str]]:
    """The digests that were put into the folder, by path.

    Lines that say nothing are passed over, so that two versions that git put together can be read.
    """
    known: dict[str, list[str]] = {}
    for line in read_file(practice.shipped).decode("utf-8", errors="replace").splitlines():
        found, _, name = line.partition("  ")
        if len(found) == 64 and name:
            known.setdefault(name, []).append(found)
    return known


def write_file(path: Path, content: bytes) -> None:
    """Write a file with the folders that it needs, all of it or nothing. Raises UsageError where that cannot be."""
    passing = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        passing.write_bytes(content)
        os.replace(passing, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            passing.unlink()
        raise _cannot("written", path, error) from error


def read_file(path: Path) -> bytes:
    """The content of a file. Raises UsageError where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise _cannot("read", path, error) from error


def _write_shipped(practice: Practice, known: Mapping[str, list[str]]) -> None:
    lines = [f"{each}  {name}\n" for name in sorted(known) for each in dict.fromkeys(known[name])]
    write_file(practice.shipped, (_HEADING + "".join(lines)).encode())


def _contents(source: Catalog) -> dict[str, bytes]:
    """What a practice folder is to hold, by path."""
    data = resources.files("mlkata").joinpath("data", "practice")
    contents = {name: data.joinpath(template).read_bytes() for name, template in _EXTRAS.items()}
    for path in _files(source):
        contents[path.relative_to(source.root).as_posix()] = read_file(path)
    return contents


def _files(source: Catalog) -> Iterator[Path]:
    """The files of all exercises, but what running them left there."""
    for id in source.ids():
        for path in sorted(source.folder(id).rglob("*")):
            inside = path.relative_to(source.folder(id)).parts
            if path.is_file() and not any(part.startswith(("__pycache__", ".")) for part in inside):
                yield path


def _digest_of(path: Path) -> str | None:
    return digest(read_file(path)) if path.is_file() else None


def _cannot(what: str, path: Path, error: OSError) -> UsageError:
    return UsageError(f"{path} cannot be {what}: {error.strerror}; look at the permissions of its folder")
