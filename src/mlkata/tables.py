"""Prints rows as a table: drawn on a terminal, as aligned plain text elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

Rows = Sequence[Sequence[str]]


def print_table(headings: Sequence[str], rows: Rows) -> None:
    """Writes a table to stdout; without a terminal each row is one line, whole, its columns two spaces apart."""
    if sys.stdout.isatty():
        _draw(headings, rows)
    else:
        click.echo(aligned([headings, *rows]))


def aligned(rows: Rows) -> str:
    """Rows of equal length as lines, each column as wide as its widest entry.

    >>> print(aligned([["id", "level"], ["focal_loss", "medium"]]))
    id          level
    focal_loss  medium
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = (map(str.ljust, row, widths) for row in rows)
    return "\n".join("  ".join(row).rstrip() for row in padded)


def _draw(headings: Sequence[str], rows: Rows) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    # https://no-color.org: set and not empty, whatever its value.
    console = Console(color_system=None if os.environ.get("NO_COLOR") else "auto")
    table = Table(*headings, header_style="bold cyan")
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)
