"""Sees when the files of exercises are saved."""

from __future__ import annotations

import contextlib
import importlib.util
import threading
from collections.abc import Callable
from pathlib import Path

DEBOUNCE_MS, STEP_MS = 200, 20  # saves that follow each other are taken for one


def is_available() -> bool:
    """Whether the package that tells of saves is installed."""
    return importlib.util.find_spec("watchfiles") is not None


def see_saves(folder: Path, put: Callable[[frozenset[str]], None], stop: threading.Event) -> None:
    """Have `put` called with the ids of the exercises whose answers or examples are written, replaced or deleted."""
    import watchfiles

    changes = watchfiles.watch(
        folder,
        watch_filter=lambda change, path: _id_of(Path(path)) is not None,
        debounce=DEBOUNCE_MS,
        step=STEP_MS,
        stop_event=stop,
        raise_interrupt=False,
    )
    with contextlib.suppress(OSError):  # the folder itself is gone, which the next run tells
        for found in changes:
            put(frozenset(id for _, path in found if (id := _id_of(Path(path))) is not None))


def _id_of(path: Path) -> str | None:
    """The exercise that a file belongs to, if it is one that a verdict depends on."""
    return path.parent.name if path.name in (f"{path.parent.name}.py", f"test_{path.parent.name}.py") else None
