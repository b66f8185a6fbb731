"""Tables are drawn on a terminal, and plain elsewhere."""

import os
import pty
import subprocess
import sys

import pytest

from mlkata.tables import aligned, print_table

PRINT = "from mlkata.tables import print_table; print_table(('id', 'level'), [('focal_loss', '[red]hard[/red]')])"


def on_terminal(**environment: str) -> str:
    """What PRINT writes where stdout is a terminal."""
    ours, theirs = pty.openpty()
    plain = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "COLORTERM")}
    subprocess.run(
        [sys.executable, "-c", PRINT],
        stdout=theirs,
        env={**plain, "TERM": "xterm-256color", "COLUMNS": "80", **environment},
        check=True,
    )
    os.close(theirs)
    written = os.read(ours, 65536).decode()
    os.close(ours)
    return written


def test_columns_are_aligned():
    assert aligned([["id", "level", "minutes"], ["focal_loss", "hard", "5"]]).splitlines() == [
        "id          level  minutes",
        "focal_loss  hard   5",
    ]


def test_empty_last_column_leaves_no_blanks():
    assert aligned([["question", "exercises"], ["Q01", ""]]).splitlines()[1] == "Q01"


def test_row_is_one_whole_line_without_a_terminal(capsys):
    print_table(("id", "title"), [("a", "word " * 60)])

    assert len(capsys.readouterr().out.splitlines()) == 2


def test_table_is_drawn_in_colour_on_a_terminal():
    written = on_terminal()

    assert "\x1b[" in written
    assert "focal_loss" in written


@pytest.mark.parametrize("value", ["1", "0"])
def test_no_color_leaves_no_escape_codes(value):
    written = on_terminal(NO_COLOR=value)

    assert "\x1b[" not in written
    assert "focal_loss" in written


def test_brackets_are_text_on_a_terminal():
    assert "[red]hard[/red]" in on_terminal(NO_COLOR="1")
