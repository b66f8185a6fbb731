"""A slot grades one submission after the other, and leaves neither process nor file behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from toy import REFERENCE, STUB, WRONG, add_exercise, edit, toy_catalogue
from walls import needs_walls

from mlkata.errors import HarnessError
from mlkata.report import Outcome
from mlkata.slot import Job, Slot

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="slots are for Linux alone")

ENDLESS = REFERENCE.replace("    if isinstance(x, list):\n", "    while True:\n        pass\n")
IMPORTED_ENDLESSLY = "while True:\n    pass\n"


@pytest.fixture
def root(tmp_path):
    root = toy_catalogue(tmp_path)
    add_exercise(root, "treble")
    return root


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where slots put what they need for a while."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    return tmp_path / "temporary"


@pytest.fixture(params=[pytest.param(True, marks=needs_walls, id="walls"), pytest.param(False, id="no walls")])
def job(request, root):
    return Job("double", REFERENCE, "class/ann/double.py", str(root), 7, sandboxed=request.param)


@pytest.fixture
def trusted(root):
    return Job("double", REFERENCE, "class/ann/double.py", str(root), 7, sandboxed=False)


@pytest.fixture(scope="module")
def slot():
    """One for all tests that leave it alive."""
    slot = Slot()
    yield slot
    slot.close()


@pytest.fixture
def own_slot(folder):
    slot = Slot()
    yield slot
    slot.close()


def wait_until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


def family(pid):
    """A process and those that it started, and they in turn, as far as they live in sight."""
    found = [pid]
    for number in found:
        for children in Path("/proc").glob(f"{number}/task/*/children"):
            found += map(int, children.read_text().split())
    return found


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_right_answer_passes(slot, job):
    report = slot.grade(job)

    assert report.passed
    assert report.sandboxed is job.sandboxed
    assert (report.exercise, report.submission, report.seed) == ("double", "class/ann/double.py", 7)


def test_submissions_are_graded_one_after_the_other(slot, job):
    sources = [WRONG["squares"], REFERENCE, STUB, WRONG["squares"]]

    first, second, third, fourth = (slot.grade(replace(job, source=source)) for source in sources)

    assert first.result("test_number_is_doubled").outcome is Outcome.FAILED
    assert second.passed
    assert {check.outcome for check in third.checks} == {Outcome.NOT_IMPLEMENTED}
    assert fourth == first


def test_exercises_can_take_turns(slot, job):
    other = replace(job, exercise="treble", source=REFERENCE.replace("double", "treble"))

    assert [slot.grade(each).exercise for each in (job, other, job)] == ["double", "treble", "double"]
    assert slot.grade(other).passed


def test_messages_name_the_file_as_it_was_handed_in(slot, trusted):
    report = slot.grade(replace(trusted, source="def double(:\n", show="full"))

    message = report.checks[0].message
    assert "class/ann/double.py" in message
    assert "mlkata-" not in report.to_json()


def test_seed_and_show_reach_the_checks(slot, trusted):
    wrong = replace(trusted, source=WRONG["once"])
    name = "test_no_times_change_nothing"

    told, full = (slot.grade(replace(wrong, show=show)).result(name).message for show in ("property", "full"))

    assert len(told) < len(full)
    assert slot.grade(replace(wrong, seed=8)).seed == 8


def test_changed_grader_is_taken_where_the_version_says_so(slot, trusted, root):
    first = slot.grade(replace(trusted, version="1"))
    edit(root / "graders/double/test_double.py", "times=3), 24", "times=3), 25")

    assert first.passed
    assert slot.grade(replace(trusted, version="1")).passed
    assert not slot.grade(replace(trusted, version="2")).passed


def test_grader_that_cannot_be_run_is_a_harness_error_and_the_slot_goes_on(slot, trusted, root):
    edit(root / "graders/treble/test_treble.py", "import pytest\n", "import absent\n")

    with pytest.raises(HarnessError, match="No module named 'absent'"):
        slot.grade(replace(trusted, exercise="treble"))

    assert slot.grade(trusted).passed


def test_catalogue_without_graders_is_a_harness_error_that_names_the_file(slot, trusted, root):
    (root / "graders/treble/test_treble.py").unlink()

    with pytest.raises(HarnessError, match=r"test_treble\.py: expected the hidden checks, found no file"):
        slot.grade(replace(trusted, exercise="treble"))


def test_slot_that_is_killed_is_a_harness_error_and_can_be_closed(own_slot, job):
    own_slot.begin(replace(job, source=ENDLESS))
    os.kill(own_slot._process.pid, signal.SIGKILL)

    with pytest.raises(HarnessError, match="the process that grades ended before it was done"):
        own_slot.finish()
    with pytest.raises(HarnessError):
        own_slot.grade(job)


def test_closing_ends_all_that_it_started_and_takes_its_folder_away(own_slot, job, folder):
    own_slot.grade(job)
    started = family(own_slot._process.pid)
    assert len(list(folder.iterdir())) == 1

    own_slot.close()

    assert len(started) >= 2
    assert wait_until(lambda: not any(map(is_alive, started)))
    assert list(folder.iterdir()) == []


def test_closing_does_not_wait_for_what_is_being_graded(own_slot, job, folder):
    own_slot.grade(job)
    own_slot.begin(replace(job, source=IMPORTED_ENDLESSLY))
    time.sleep(0.2)
    started = family(own_slot._process.pid)
    began = time.monotonic()

    own_slot.close()

    assert time.monotonic() - began < 3
    assert wait_until(lambda: not any(map(is_alive, started)))
    assert list(folder.iterdir()) == []


PARENT = """
import sys, time
from dataclasses import replace
from mlkata.slot import Job, Slot

job = Job(**eval(sys.stdin.readline()))
slot = Slot()
slot.grade(job)
slot.begin(replace(job, source="while True: pass\\n"))
print(slot._process.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_slot_dies_with_the_process_that_started_it(job, folder, number):
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with parent:
        parent.stdin.write(repr(vars(job)) + "\n")
        parent.stdin.flush()
        pid = int(parent.stdout.readline())
        time.sleep(0.2)
        started = family(pid)

        parent.send_signal(number)

        assert len(started) >= 3
        assert wait_until(lambda: not any(map(is_alive, started)))
        assert wait_until(lambda: not list(folder.iterdir()))


def test_slot_whose_parent_was_gone_before_it_began_ends_by_itself(folder):
    nobody = "1" if os.getpid() != 1 else "2"

    slot = subprocess.Popen([sys.executable, "-m", "mlkata.slot", nobody], stdin=subprocess.PIPE)
    with slot:
        assert slot.wait(20) == 0  # although nothing has ended its standard input
    assert list(folder.iterdir()) == []
