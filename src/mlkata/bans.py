"""Which names no submission, or no submission of one exercise, may use."""

from __future__ import annotations

from collections.abc import Sequence

from mlkata.names import CONTAINERS

HARMLESS = frozenset(
    (
        *("__future__", "abc", "argparse", "array", "base64", "binascii", "bisect", "calendar", "cmath"),
        *("collections", "contextlib", "contextvars", "copy", "csv", "dataclasses", "datetime", "decimal"),
        *("difflib", "enum", "fractions", "functools", "graphlib", "hashlib", "heapq", "html", "io", "itertools"),
        *("json", "logging", "math", "numbers", "operator", "pprint", "queue", "random", "re", "reprlib"),
        *("secrets", "statistics", "string", "struct", "sys", "textwrap", "time", "types", "typing"),
        *("unicodedata", "uuid", "warnings", "weakref", "zlib"),
    )
)
"""Modules of the standard library that every submission may import: they compute, or shape and annotate code.

Left out is what reaches files, processes, networks, other modules or the interpreter (os, pathlib, subprocess,
importlib, inspect, pickle, threading, ...); `sys` is in for maxsize, float_info and the like, `io` for BytesIO and
StringIO, see `blind_member`.
"""

# Packages keep settings in attributes that are there to be assigned.
SETTINGS = ("pandas.options.", "torch.backends.")

# Modules, not members: another package part of the same name has nothing to do with a banned one.
_MODULES = frozenset({"fft", "func", "functional", "linalg", "metrics", "nn", "ops", "optim", "random", "special"})

_RUNS = ("runs code that cannot be read here", "write the code itself")
_REACHES = ("reaches names that are not written out", "use each variable by its name")
_READS = ("reads from outside", "an exercise computes from its arguments alone")
_LOOKS = ("looks behind the code", "use what functions are given and return")

BLIND_BUILTINS = {
    **dict.fromkeys(("exec", "eval", "compile"), _RUNS),
    "__import__": ("imports what cannot be read here", "write an import statement"),
    **dict.fromkeys(("globals", "locals", "__builtins__", "__loader__", "__spec__"), _REACHES),
    **dict.fromkeys(("open", "input"), _READS),
}
"""Builtin names that hide what a submission does -> why not, and what to do instead."""

BLIND_ATTRIBUTES = dict.fromkeys(
    (
        *("__globals__", "__code__", "__closure__", "__subclasses__", "__builtins__", "__import__"),
        *("f_back", "f_builtins", "f_code", "f_globals", "f_locals", "tb_frame"),
        *("gi_frame", "gi_code", "cr_frame", "cr_code", "ag_frame", "ag_code"),
    ),
    _LOOKS,
)
"""Attributes of functions, classes and frames that lead behind the text -> why not, and what to do instead."""

_BLIND_OF_PACKAGES = frozenset({"__dict__", "__loader__", "__spec__", "__self__"})
_BEHIND = frozenset({"builtins", "ctypes", "gc", "importlib", "os", "subprocess", "sys"})
_BLIND_OF_SYS = frozenset(
    {"_current_frames", "_getframe", "addaudithook", "meta_path", "modules", "path", "path_hooks"}
    | {"path_importer_cache", "setprofile", "settrace"}
)
_OF_IO = frozenset({"BytesIO", "StringIO"})


def blind_member(name: str) -> tuple[str, str] | None:
    """Why a dotted name of a package or builtin hides what is done, and what to do instead; None if it is fine."""
    package, *parts = name.split(".")
    # Packages import such modules for their own use: random._os is os.
    if not _BEHIND.isdisjoint(part.removeprefix("_") for part in parts):
        return ("reaches a module through another", "import only what this exercise allows")
    if not _BLIND_OF_PACKAGES.isdisjoint(parts) or (package == "sys" and parts and parts[0] in _BLIND_OF_SYS):
        return _REACHES
    if package == "io" and parts and parts[0] not in _OF_IO:
        return _READS
    return None


class Bans:
    """The names that one exercise bans, as `banned` in exercise.toml lists them."""

    def __init__(self, banned: Sequence[str]) -> None:
        dotted = [entry for entry in banned if not entry.startswith(".")]
        self._entries = frozenset(dotted)
        self._prefixes = tuple(f"{entry}." for entry in dotted)
        self._anywhere = tuple(entry for entry in banned if entry.startswith("."))
        self._members = frozenset(_ends(entry) for entry in dotted if "." in entry)

    def forbid(self, name: str) -> bool:
        """Whether a dotted name is banned, lies under one, or is a banned member under another path of its package."""
        package, last = _ends(name)
        return (
            name in self._entries
            or name.startswith(self._prefixes)
            or (package != name and last not in _MODULES and (package, last) in self._members)
            or self.forbid_anywhere(name)
        )

    def forbid_anywhere(self, trail: str) -> bool:
        """Whether the end of a chain of attributes, such as ".weight.data", is banned whatever it is read off."""
        return trail.endswith(self._anywhere)

    def forbid_member(self, last: str, packages: frozenset[str]) -> bool:
        """Whether an attribute of something unknown may be a banned member of these packages."""
        return any(last == member and package in packages | CONTAINERS for package, member in self._members)


def _ends(name: str) -> tuple[str, str]:
    return name.partition(".")[0], name.rpartition(".")[2]
