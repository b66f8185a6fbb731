"""What several commands have in common: options, and exit codes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mlkata.catalog import Catalog, content_root

EXIT_SUBMISSION_FAILED = 1
EXIT_USAGE = 2
EXIT_HARNESS = 3
EXIT_INTERRUPTED = 130

json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON.")


def catalog_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command the argument `catalog`."""
    return click.option(
        "--root",
        "catalog",
        envvar="MLKATA_ROOT",
        show_envvar=True,
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        callback=lambda ctx, parameter, root: Catalog(root or content_root()),
        help="The catalogue: a directory that has exercises/. Default: the exercises of mlkata itself.",
    )(command)
