"""What a learner needs works where Linux's modules and sockets are absent: the parts that can be told apart here."""

from __future__ import annotations

import subprocess
import sys

import pytest
from plugin_toy import LIFT, PACE, PACE_REFERENCE, REFERENCE, write_exercise
from toy import write

# Imports come first, since libraries look at the platform as well.
BEGIN = """
import os, signal, socket, sys
import numpy, pandas, pytest, pytest_timeout
for name in ("resource", "fcntl", "termios", "tty", "pwd", "grp"):
    sys.modules[name] = None
del socket.SOCK_SEQPACKET, os.pidfd_open
os.fork = None
sys.platform = "darwin"
"""


@pytest.fixture
def elsewhere(tmp_path):
    """Runs Python code in a process in which those are absent."""

    def run(code, *arguments):
        command = [sys.executable, "-c", BEGIN + code, *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    return run


@pytest.mark.parametrize(
    "module", ["cli", "pytest_plugin", "exercise_run", "judging", "watching", "interview", "screen"]
)
def test_module_is_imported(elsewhere, module):
    ended = elsewhere(f"import mlkata.{module}")

    assert (ended.returncode, ended.stderr) == (0, "")


PYTEST = (
    "sys.exit(pytest.main(['-p', 'no:hypothesispytest', '-p', 'no:xdist', '-p', 'no:faulthandler', *sys.argv[1:]]))"
)


def test_exercise_is_judged(elsewhere, tmp_path):
    write_exercise(tmp_path, LIFT)
    write(tmp_path / "exercises/lift/lift.py", REFERENCE)

    ended = elsewhere(PYTEST, "exercises/lift")

    assert "lift: 6 of 6 checks passed" in ended.stdout, ended.stdout + ended.stderr


def test_performance_is_left_out_and_said_so(elsewhere, tmp_path):
    write_exercise(tmp_path, PACE)
    write(tmp_path / "exercises/pace/pace.py", PACE_REFERENCE)

    ended = elsewhere(PYTEST, "exercises/pace")

    said = "pace: 1 of 1 checks passed, 2 of 2 points; 1 not graded: performance is measured on Linux alone"
    assert said in ended.stdout, ended.stdout + ended.stderr
