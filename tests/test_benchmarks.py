"""The scripts of benchmarks/ start, and the one that imitates graders still can: they are run by hand, and seldom."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"


def run(*arguments):
    ended = subprocess.run(
        [sys.executable, *map(str, arguments)], capture_output=True, text=True, timeout=300, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_script_says_what_it_takes(path):
    told = run(path, "--help")

    assert told.startswith("usage:")
    assert path.name in told


def test_bare_file_can_do_what_the_graders_ask():
    told = run(FOLDER / "overhead.py", "focal_loss", "--rounds", "1")

    assert "| focal_loss |" in told.splitlines()[-1]
