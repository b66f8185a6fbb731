"""One SQLAlchemy engine for each gradebook, where nbgrader makes a new one for each of its steps.

nbgrader opens its gradebook some nine times for one notebook, with an engine of its own each time, and an engine
compiles every query anew: that is half of what its autograde does. A gradebook that is closed has given its connections
back, so that its engine can serve the next one.
"""

from __future__ import annotations

import functools
import os
from typing import Any

import nbgrader.api


def share_engines() -> None:
    """From now on gradebooks of this process with one address have one engine; asked again, nothing changes."""
    make = nbgrader.api.create_engine
    if getattr(make, "_is_shared", False):
        return

    @functools.cache
    def kept(pid: int, url: str, **options: Any) -> Any:
        return make(url, **options)

    @functools.wraps(make)
    def create_engine(url: str, **options: Any) -> Any:
        return kept(os.getpid(), url, **options)  # a fork may not use the connections of its parent

    create_engine._is_shared = True  # type: ignore[attr-defined]
    nbgrader.api.create_engine = create_engine
