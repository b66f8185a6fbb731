"""`mlkata watch`, driven as a learner does it: by saving files and pressing keys in a terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from practice_toy import solve, write_answer
from pseudo_terminal import PATIENCE, PseudoTerminal

from mlkata.journal import Deed

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the terminal is driven as on Linux")
pytest_plugins = ("practice_fixtures",)

WATCH = (
    "import signal, sys\nfrom pathlib import Path\nfrom mlkata import learner_commands\nfrom mlkata.cli import main\n"
    "source = Path(sys.argv.pop(1))\n"
    "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell's background jobs ignore it
    "learner_commands.content_root = lambda: source\n"
    "sys.argv[0] = 'mlkata'\nmain()\n"
)
PASSED = r"8 of 8 checks passed, 6 of 6 points"
NOT_YET = r"double is not implemented yet: write it in double\.py"


def command(source, *arguments):
    return [sys.executable, "-c", WATCH, str(source.root), "watch", *arguments]


@pytest.fixture
def start(practice, source):
    """Starts `mlkata watch` in a terminal."""
    started = []

    def start(*arguments, **options):
        terminal = PseudoTerminal(command(source, *arguments), cwd=practice.root, **options)
        started.append(terminal)
        return terminal

    yield start
    for terminal in started:
        terminal.close()


def stub(practice, id="double"):
    return practice.root / "exercises" / id / f"{id}.py"


def deeds(practice):
    """What was written down, in the order in which it was."""
    lines = practice.journal.read_text().splitlines()
    return [tuple(line.split()[1:3]) for line in lines if not line.startswith("#")]


def test_verdict_follows_each_save(practice, start):
    """An unwritten file, a wrong answer, one that is no Python, none at all, one that never ends, and a right one."""
    terminal = start("double")
    terminal.wait_for(NOT_YET)

    write_answer(practice, "double", "number * 2**times", "number * 3**times")
    shown = terminal.wait_for(r"^test_worked_example: failed")
    assert "exercises/double/double.py" in shown
    assert "test_list_is_doubled_one_by_one: " in shown

    stub(practice).write_text("def f(:\n")
    assert "exercises/double/double.py:1\n" in terminal.wait_for(r"does not load: .*line 1: invalid syntax")

    stub(practice).unlink()
    terminal.wait_for(r"there is no such file; write your answer there")

    write_answer(
        practice, "double", "    if isinstance(x, list):", "    while True:\n        pass\n    if isinstance(x, list):"
    )
    terminal.wait_for(r"^running, \d+ s: is there an endless loop\? save again")

    solve(practice, "double")
    shown = terminal.wait_for(PASSED)
    assert "1/3 passed" in shown

    terminal.type("q")
    assert terminal.ended() == 0
    assert [deed for deed, _ in deeds(practice) if deed != Deed.BEGAN] == [
        Deed.FAILED,
        Deed.UNFINISHED,
        Deed.UNFINISHED,
        Deed.PASSED,
    ]


def test_file_that_is_replaced_is_a_save(practice, start):
    """As many editors do it: a new file takes the place of the old one."""
    terminal = start("double")
    terminal.wait_for(NOT_YET)

    passing = practice.root / "exercises/double/.double.py.swp"
    passing.write_text((practice.root / "solutions/double.py").read_text())
    os.replace(passing, stub(practice))

    terminal.wait_for(PASSED)


def test_keys_bring_hints_lists_other_exercises_and_the_stub(practice, start):
    solve(practice, "double")
    terminal = start()  # the easiest one, which is new
    terminal.wait_for(PASSED)

    terminal.type("h")
    terminal.wait_for(r"^Hint 1 of 3\n\nWhat does Python make of a list times two\?")
    terminal.type("hh")
    terminal.wait_for(r"^Hint 3 of 3")
    terminal.type("h")
    terminal.wait_for(r"^That was the last hint\.")

    terminal.type("l")
    assert "  treble" in terminal.wait_for(r"^> ✓ double +easy +5 min  passed")
    terminal.type("l")
    terminal.wait_for(PASSED)

    terminal.type("\x1b[A?")  # an arrow and a key that mean nothing
    terminal.type("rx")
    terminal.wait_for(r"^not reset")
    terminal.type("r")
    terminal.wait_for(r"^y puts the stub back into exercises/double/double\.py and keeps what you wrote")
    terminal.type("y")
    terminal.wait_for(NOT_YET)
    [backup] = practice.backups.glob("double/*.py")
    assert "return x * 2**times" in backup.read_text()

    terminal.type("n")
    terminal.wait_for(r"^treble is not implemented yet")
    terminal.type("n")
    terminal.wait_for(r"^halve is not implemented yet")
    solve(practice, "treble")
    terminal.wait_for(r"^treble: 8 of 8 checks passed")

    terminal.type("q")
    assert terminal.ended() == 0
    assert terminal.is_as_before()


def test_run_all_goes_through_the_set(practice, start):
    solve(practice, "double")
    solve(practice, "halve")
    terminal = start("treble", "--track", "losses")
    terminal.wait_for(r"^treble is not implemented yet")
    terminal.wait_for(r"0/2 passed")

    terminal.type("a")

    terminal.wait_for(r"^> ✓ halve +hard +40 min  passed")
    assert (Deed.PASSED, "double") not in deeds(practice)


def test_enter_runs_again(practice, start):
    terminal = start("double")
    terminal.wait_for(NOT_YET)
    before = practice.journal.read_text()

    terminal.type("\n")

    until = time.monotonic() + PATIENCE
    while practice.journal.read_text() == before:
        assert time.monotonic() < until
        time.sleep(0.01)


def test_terminal_that_is_resized_is_drawn_anew(practice, start):
    terminal = start("double")
    terminal.wait_for(r"enter run again · q quit$")

    terminal.resize(40)

    shown = terminal.wait_for(r"^n next · h hint · l list · a run all · r$")
    assert max(map(len, shown.splitlines())) <= 40


def test_stopped_and_continued_it_takes_keys_again(practice, start):
    import termios

    terminal = start("double")
    terminal.wait_for(NOT_YET)
    os.kill(terminal.process.pid, signal.SIGSTOP)
    termios.tcsetattr(terminal.terminal, termios.TCSANOW, terminal.before)  # as a shell does
    os.kill(terminal.process.pid, signal.SIGCONT)

    terminal.type("l")
    terminal.wait_for(r"^> … double")


@pytest.mark.parametrize(
    ("environment", "has_colour", "has_clear"),
    [({}, True, True), ({"NO_COLOR": "1"}, False, True), ({"TERM": "dumb"}, False, False)],
)
def test_terminal_gets_what_it_can_show(start, environment, has_colour, has_clear):
    import re

    terminal = start("double", **environment)
    terminal.wait_for(NOT_YET)

    assert bool(re.search(r"\x1b\[[0-9;]*m", terminal.raw)) is has_colour
    assert ("\x1b[2J" in terminal.raw) is has_clear


def children(pid):
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize(("how", "code"), [("\x03", 130), (signal.SIGTERM, 128 + signal.SIGTERM), (signal.SIGKILL, -9)])
def test_end_leaves_no_process_and_the_terminal_as_it_was(start, how, code):
    terminal = start("double")
    terminal.wait_for(NOT_YET)
    left = children(terminal.process.pid)
    left += [grandchild for child in left for grandchild in children(child)]
    assert len(left) >= 2, "the warm process and its grader"

    terminal.type(how) if isinstance(how, str) else os.kill(terminal.process.pid, how)

    assert terminal.ended() == code
    assert how is signal.SIGKILL or terminal.is_as_before()
    until = time.monotonic() + PATIENCE
    while any(Path(f"/proc/{pid}").exists() for pid in left):
        assert time.monotonic() < until, "a process is left"
        time.sleep(0.01)


def test_without_a_terminal_each_verdict_is_plain_lines(practice, source):
    with subprocess.Popen(
        command(source, "double"), cwd=practice.root, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as watching:
        lines = iter(watching.stdout.readline, "")
        said = [next(lines) for _ in range(3)]
        assert any("not implemented yet" in line for line in [*said, next(lines), next(lines), next(lines)])
        solve(practice, "double")
        for line in lines:
            assert "\x1b" not in line
            if "8 of 8 checks passed" in line:
                break
        else:
            pytest.fail("it ended before the verdict")
        watching.terminate()


def test_without_its_package_it_says_what_to_install(inside, monkeypatch):
    import importlib.util

    from click.testing import CliRunner

    from mlkata.cli import main

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    ended = CliRunner().invoke(main, ["watch", "double"])

    assert ended.exit_code == 2
    assert ended.stderr == (
        "mlkata: watch needs the package watchfiles; install it with `pip install 'mlkata[watch]'`\n"
    )
