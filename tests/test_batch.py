"""A class is graded once, whatever happens on the way: nothing is lost, doubled or half-written."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
from toy import REFERENCE, WRONG, add_exercise, edit, toy_catalogue, write
from walls import needs_walls

from mlkata import batch
from mlkata.batch import Done, Outcomes, grade_all, local
from mlkata.catalog import Catalog
from mlkata.errors import HarnessError
from mlkata.handins import collect
from mlkata.report import Category, CheckResult, Outcome, Report
from mlkata.store import Store

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="slots are for Linux alone")

OPTIONS = {"seed": 3, "device": "cpu", "show": "property", "sandboxed": False}


def report_on(job, outcome=Outcome.PASSED):
    check = CheckResult("test_one", Category.CORRECTNESS, outcome, note="the walls fell" if outcome != "passed" else "")
    return Report(job.exercise, job.name, job.seed, job.device, {"correctness": 1.0}, (check,))


class Hands:
    """Grades nothing, and remembers what it was asked for; of some submissions it says that it could not."""

    def __init__(self, broken=()):
        self.asked = []
        self.broken = broken

    def __call__(self, tasks, done):
        self.asked.append([task.job for task in tasks])
        for task in tasks:
            failed = any(word in task.job.source for word in self.broken)
            done(Done(task, None, "a cable came loose") if failed else Done(task, report_on(task.job)))


class Class:
    """A folder of students, and the store of their grades."""

    def __init__(self, tmp_path):
        self.catalog = Catalog(toy_catalogue(tmp_path))
        self.folder = tmp_path / "class"
        self.folder.mkdir()
        self.store = Store(tmp_path / "store.sqlite")
        self.steps = []

    def hand_in(self, student, source, exercise="double"):
        return write(self.folder / student / f"{exercise}.py", source)

    def grade(self, hands, **options):
        handed_in, problems = collect(self.folder, self.catalog)
        assert problems == []
        chosen = {**OPTIONS, **options}
        return grade_all(self.folder, handed_in, self.store, hands, options=chosen, step=self.steps.append)

    def grades(self):
        return {student: report for student, _, report in self.store.handed_in(self.folder)}


@pytest.fixture
def school(tmp_path):
    school = Class(tmp_path)
    yield school
    school.store.close()


def test_everything_is_graded_and_kept(school):
    paths = [school.hand_in(student, f"x = '{student}'\n") for student in ("ann", "bob")]
    hands = Hands()

    outcome = school.grade(hands)

    assert outcome == Outcomes(graded=2, known=0, troubles=())
    assert sorted(school.steps) == sorted(map(str, paths))
    assert {student: report.submission for student, report in school.grades().items()} == {
        "ann": str(paths[0]),
        "bob": str(paths[1]),
    }


def test_job_says_all_that_a_slot_needs_wherever_it_runs(school, tmp_path, monkeypatch):
    path = school.hand_in("ann", "x = 1\n")
    monkeypatch.chdir(tmp_path)
    school.catalog = Catalog(school.catalog.root.relative_to(tmp_path))
    hands = Hands()

    school.grade(hands, show="full")

    [[job]] = hands.asked
    assert (job.exercise, job.source, job.name, job.root) == (
        "double",
        "x = 1\n",
        str(path),
        str(tmp_path / "catalogue"),
    )
    assert (job.seed, job.device, job.show, job.sandboxed) == (3, "cpu", "full", False)
    assert job.hide == str(school.folder), "nobody sees what the others handed in"


def test_nothing_is_graded_twice(school):
    school.hand_in("ann", "x = 1\n")
    school.grade(Hands())
    school.hand_in("bob", "x = 2\n")
    hands = Hands()

    assert school.grade(hands) == Outcomes(graded=1, known=1, troubles=())
    assert [[job.source for job in asked] for asked in hands.asked] == [["x = 2\n"]]
    assert school.grade(hands) == Outcomes(graded=0, known=2, troubles=())


def test_equal_submissions_are_graded_once_and_each_has_its_report(school):
    for student in ("ann", "bob", "eve"):
        school.hand_in(student, "x = 1\n")
    hands = Hands()

    assert school.grade(hands) == Outcomes(graded=1, known=2, troubles=())

    assert [len(asked) for asked in hands.asked] == [1]
    assert {name: report.submission for name, report in school.grades().items()} == {
        name: str(school.folder / name / "double.py") for name in ("ann", "bob", "eve")
    }


@pytest.mark.parametrize(
    "change",
    [
        lambda school: school.hand_in("ann", "x = 2\n"),
        lambda school: edit(school.catalog.exercise("double").grader, "times=3), 24", "times=3), 25"),
        lambda school: edit(school.catalog.exercise("double").metadata, "seconds = 10", "seconds = 11"),
    ],
    ids=["source", "grader", "metadata"],
)
def test_what_changed_is_graded_anew(school, change):
    school.hand_in("ann", "x = 1\n")
    hands = Hands()
    school.grade(hands)

    change(school)

    assert school.grade(hands).graded == 1
    (before,), (after,) = hands.asked
    assert (before.source, before.version) != (after.source, after.version)


@pytest.mark.parametrize("option", [{"seed": 4}, {"device": "cuda"}, {"show": "full"}, {"sandboxed": True}])
def test_what_is_graded_otherwise_is_graded_anew(school, option):
    school.hand_in("ann", "x = 1\n")
    school.grade(Hands())

    assert school.grade(Hands(), **option).graded == 1
    assert school.grade(Hands()).graded == 0


def test_what_went_wrong_is_told_and_tried_again_in_the_next_run(school):
    path = school.hand_in("ann", "x = 'loose'\n")
    school.hand_in("bob", "x = 1\n")

    outcome = school.grade(Hands(broken=["loose"]))

    assert outcome == Outcomes(1, 0, (f"{path}: a cable came loose; it is kept for a retry",))
    assert school.grades()["ann"] is None
    assert school.grade(Hands()) == Outcomes(graded=1, known=1, troubles=())


def test_incomplete_report_is_no_grade(school):
    school.hand_in("ann", "x = 1\n")

    def hands(tasks, done):
        done(Done(tasks[0], report_on(tasks[0].job, Outcome.HARNESS_ERROR)))

    [trouble] = school.grade(hands).troubles

    assert "mlkata itself went wrong; it is kept for a retry" in trouble
    assert school.grades()["ann"] is None


def test_what_was_graded_before_an_interruption_is_kept(school):
    for student in ("ann", "bob"):
        school.hand_in(student, f"x = '{student}'\n")

    def interrupted(tasks, done):
        done(Done(tasks[0], report_on(tasks[0].job)))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        school.grade(interrupted)

    assert school.grade(Hands()) == Outcomes(graded=1, known=1, troubles=())


def test_exercises_come_one_after_the_other_and_alike_beside_each_other(school):
    numbers = add_exercise(school.catalog.root, "alpha") / "exercise.toml"
    edit(numbers, 'kind = "python"', 'kind = "numpy"')
    add_exercise(school.catalog.root, "treble")
    for student in ("ann", "bob"):
        for exercise in ("treble", "alpha", "double"):
            school.hand_in(student, f"x = '{student}'\n", exercise)
    hands = Hands()

    school.grade(hands)

    [asked] = hands.asked
    assert [job.exercise for job in asked] == ["double"] * 2 + ["treble"] * 2 + ["alpha"] * 2


class Slots:
    """Stands for the class of slots; each slot's end of a pipe says when it is done, as a process would."""

    def __init__(self, outcome_of):
        self.outcome_of = outcome_of
        self.made = []

    def __call__(self):
        self.made.append(FakeSlot(self.outcome_of))
        return self.made[-1]

    @property
    def jobs(self):
        return [job.source for slot in self.made for job in slot.jobs]


class FakeSlot:
    def __init__(self, outcome_of):
        self.outcome_of = outcome_of
        self.jobs = []
        self.is_closed = False
        self._reading, self._writing = os.pipe()

    def begin(self, job):
        assert not self.is_closed
        self.jobs.append(job)
        os.write(self._writing, b"x")

    def fileno(self):
        return self._reading

    def finish(self):
        os.read(self._reading, 1)
        job = self.jobs[-1]
        outcome = self.outcome_of(job)
        if isinstance(outcome, BaseException):
            raise outcome
        return report_on(job, outcome)

    def close(self):
        if not self.is_closed:
            self.is_closed = True
            os.close(self._reading)
            os.close(self._writing)


@pytest.fixture
def slots(monkeypatch):
    def install(outcome_of):
        slots = Slots(outcome_of)
        monkeypatch.setattr(batch, "Slot", slots)
        return slots

    return install


def test_slots_are_as_many_as_asked_for_or_as_there_is_work_and_all_are_closed(school, slots):
    made = slots(lambda job: Outcome.PASSED)
    for number in range(5):
        school.hand_in(f"s{number}", f"x = {number}\n")

    assert school.grade(local(3)).graded == 5
    assert len(made.made) == 3
    assert all(slot.is_closed for slot in made.made)

    school.hand_in("late", "x = 'late'\n")
    assert school.grade(local(3)).graded == 1
    assert len(made.made) == 4

    school.grade(local(3))
    assert len(made.made) == 4


@pytest.mark.parametrize("fault", [HarnessError("the walls fell"), Outcome.HARNESS_ERROR])
def test_harness_error_is_tried_again_in_a_new_slot(school, slots, fault):
    faults = iter([fault])
    made = slots(lambda job: next(faults, Outcome.PASSED))
    school.hand_in("ann", "x = 1\n")

    assert school.grade(local(1)) == Outcomes(graded=1, known=0, troubles=())
    assert made.jobs == ["x = 1\n"] * 2
    assert [len(slot.jobs) for slot in made.made] == [1, 1]
    assert school.grades()["ann"].passed


@pytest.mark.parametrize("fault", [HarnessError("the walls fell"), Outcome.HARNESS_ERROR])
def test_harness_error_that_stays_is_kept_for_a_later_run_and_not_stored(school, slots, fault):
    made = slots(lambda job: fault if "cursed" in job.source else Outcome.PASSED)
    path = school.hand_in("ann", "x = 'cursed'\n")
    school.hand_in("bob", "x = 1\n")

    outcome = school.grade(local(1))

    assert outcome == Outcomes(1, 0, (f"{path}: the walls fell; it is kept for a retry",))
    assert made.jobs.count("x = 'cursed'\n") == batch.TRIES
    assert school.grades()["ann"] is None
    assert all(slot.is_closed for slot in made.made)


def test_slots_are_closed_where_grading_is_interrupted(school, slots):
    made = slots(lambda job: KeyboardInterrupt())
    for number in range(3):
        school.hand_in(f"s{number}", f"x = {number}\n")

    with pytest.raises(KeyboardInterrupt):
        school.grade(local(2))
    assert len(made.made) == 2
    assert all(slot.is_closed for slot in made.made)


def test_slot_keeps_to_its_exercise_while_there_is_work_on_it(school, slots):
    made = slots(lambda job: Outcome.PASSED)
    add_exercise(school.catalog.root, "treble")
    for number in range(4):
        for exercise in ("double", "treble"):
            school.hand_in(f"s{number}", f"x = {number}\n", exercise)

    school.grade(local(2))

    assert [[job.exercise for job in slot.jobs] for slot in made.made] in (
        [["double"] * 4, ["treble"] * 4],
        [["treble"] * 4, ["double"] * 4],
    )


# What follows is done for real.

WORD = "    total = sum(range(200_000))\n    if isinstance(x, list):\n"  # some ten milliseconds of work a call


def slow_answer(number):
    """A right answer for even numbers and a wrong one for odd ones, and no two alike."""
    text = WRONG["once"] if number % 2 else REFERENCE
    return text.replace("    if isinstance(x, list):\n", WORD, 1) + f"\n# {number}\n"


@needs_linux
@needs_walls
def test_class_is_graded_by_real_slots(school):
    for number in range(6):
        school.hand_in(f"s{number}", slow_answer(number))
    school.hand_in("copied", slow_answer(0))
    school.hand_in("hangs", "while True:\n    pass\n")
    edit(school.catalog.exercise("double").metadata, "seconds = 10", "seconds = 1")

    assert school.grade(local(2), sandboxed=True) == Outcomes(graded=7, known=1, troubles=())

    grades = school.grades()
    assert [grades[f"s{number}"].total().earned for number in range(6)] == [6, 4.5, 6, 4.5, 6, 4.5]
    assert grades["copied"].passed
    assert {check.outcome for check in grades["hangs"].checks} == {Outcome.NOT_LOADED}
    assert all(report.sandboxed for report in grades.values())


# Runs a command and sends its process a signal after some seconds; waits until nothing that it started is left, and
# prints the exit code and how long that took. Whatever loses its parent becomes a child of this process.
WATCHED = """
import ctypes, json, os, subprocess, sys, time

number, moment, command = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
try:
    started.wait(moment)
except subprocess.TimeoutExpired:
    started.send_signal(number)
stdout, stderr = started.communicate()
ended, left = time.monotonic(), True
while left and time.monotonic() < ended + 10:
    try:
        if os.waitpid(-1, os.WNOHANG)[0] == 0:
            time.sleep(0.005)
    except ChildProcessError:
        left = False
told = {"code": started.returncode, "stderr": stderr.decode(), "left": left, "seconds": time.monotonic() - ended}
print(json.dumps(told))
"""


class Killed:
    """Classes that `mlkata grade` grades as a process of its own, which may get a signal at some moment."""

    def __init__(self, tmp_path):
        self.root = toy_catalogue(tmp_path)
        self.temporary = tmp_path / "temporary"
        self.temporary.mkdir()

    def run(self, folder, moment=1000.0, number=signal.SIGKILL):
        command = [sys.executable, "-c", "from mlkata.cli import main; main()", "grade", str(folder)]
        options = ["--root", str(self.root), "--seed", "3", "--jobs", "2"]
        ended = subprocess.run(
            [sys.executable, "-c", WATCHED, str(int(number)), str(moment), *command, *options],
            capture_output=True,
            env={**os.environ, "TMPDIR": str(self.temporary)},
            text=True,
            check=True,
        )
        return json.loads(ended.stdout)

    def count(self, folder):
        """How many grades there are, were someone to look with a program of his own."""
        path = folder / ".mlkata/grades.sqlite"
        if not path.exists():
            return 0
        connection = sqlite3.connect(path)
        try:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'reports'").fetchall():
                return 0
            for (text,) in connection.execute("SELECT report FROM reports").fetchall():
                assert Report.from_json(text).complete
            return connection.execute("SELECT count(*) FROM reports").fetchone()[0]
        finally:
            connection.close()


def grades_of(folder):
    store = Store(folder / ".mlkata/grades.sqlite")
    try:
        return {
            (student, exercise): None if report is None else [(check.name, check.outcome) for check in report.checks]
            for student, exercise, report in store.handed_in(folder)
        }
    finally:
        store.close()


@pytest.fixture
def killed(tmp_path):
    return Killed(tmp_path)


@needs_linux
@needs_walls
def test_killed_at_any_moment_the_next_run_goes_on(killed, tmp_path):
    folder, whole = tmp_path / "class", tmp_path / "whole"
    n_kills, n_new, rng = 20, 4, random.Random(5)
    for number in range((n_kills + 1) * n_new):
        write(whole / f"s{number:03}/double.py", slow_answer(number))
    for number in range(n_new):
        write(folder / f"s{number:03}/double.py", slow_answer(number))
    began = time.monotonic()
    assert killed.run(folder)["code"] == 0
    longest = time.monotonic() - began

    counts, codes = [], []
    for kill in range(1, n_kills + 1):
        for number in range(kill * n_new, (kill + 1) * n_new):
            write(folder / f"s{number:03}/double.py", slow_answer(number))
        ended = killed.run(folder, moment=rng.uniform(0.1, 1) * longest)
        assert not ended["left"], "processes outlived the one that was killed"
        codes.append(ended["code"])
        counts.append(killed.count(folder))

    assert counts == sorted(counts)
    assert codes.count(-signal.SIGKILL) > n_kills / 2
    assert len(set(counts)) > 2, "no run came as far as grading"
    assert list(killed.temporary.iterdir()) == []

    last = killed.run(folder)
    assert (last["code"], last["stderr"]) == (0, "")
    assert killed.run(whole)["code"] == 0
    assert killed.count(folder) == killed.count(whole) == (n_kills + 1) * n_new
    assert grades_of(folder) == grades_of(whole)


@needs_linux
@needs_walls
def test_interrupted_run_ends_with_130_leaves_no_process_and_can_be_gone_on_with(killed, tmp_path):
    folder = tmp_path / "class"
    for number in range(8):
        write(folder / f"s{number}/double.py", slow_answer(number))
    write(folder / "hangs/double.py", "while True:\n    pass\n")

    ended = killed.run(folder, moment=2, number=signal.SIGINT)

    assert (ended["code"], ended["stderr"]) == (130, "mlkata: interrupted\n")
    assert not ended["left"]
    assert ended["seconds"] < 5
    assert list(killed.temporary.iterdir()) == []
    assert killed.count(folder) <= 8

    (folder / "hangs/double.py").unlink()
    write(folder / "hangs/double.py", slow_answer(9))
    assert killed.run(folder)["code"] == 0
    assert killed.count(folder) == 9
