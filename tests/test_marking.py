"""What `mlkata grade` says of a file or of a class, and whose fault its exit code names."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace

import pytest
from click.testing import CliRunner
from test_handins import notebook
from toy import REFERENCE, STUB, WRONG, edit, toy_catalogue, write
from walls import needs_walls

from mlkata import batch, marking, sandbox
from mlkata.batch import Done
from mlkata.cli import main
from mlkata.errors import HarnessError
from mlkata.report import Category, CheckResult, Outcome, Report
from mlkata.slot import Slot
from mlkata.store import Store

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="slots are for Linux alone")
UNSAFE = "graded without the sandbox: a dishonest submission could have changed this"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return toy_catalogue(tmp_path_factory.mktemp("marking"))


@pytest.fixture
def grade(root):
    """Runs `mlkata grade` over the catalogue."""

    def run(*arguments):
        return CliRunner(env={"MLKATA_ROOT": str(root)}).invoke(main, ["grade", *map(str, arguments)])

    return run


@pytest.fixture(scope="module")
def warm():
    slot = Slot()
    yield slot
    slot.close()


@pytest.fixture
def one_slot(monkeypatch, warm):
    """All files are graded in one slot, which saves what starting one takes."""

    class Lent:
        grade = staticmethod(warm.grade)

        def close(self):
            pass

    monkeypatch.setattr(marking, "Slot", Lent)


needs_slots = [needs_linux, pytest.mark.usefixtures("one_slot")]


class Slots:
    """Grades nothing: what it answers is made up."""

    def __init__(self, monkeypatch):
        self.jobs = []
        self.outcome = Outcome.PASSED
        self.trouble = ""
        monkeypatch.setattr(marking, "Slot", lambda: self)
        monkeypatch.setattr(batch, "local", self._hands)
        monkeypatch.setattr(sandbox, "unavailable", lambda: "")

    def grade(self, job):
        self.jobs.append(job)
        if self.trouble:
            raise HarnessError(self.trouble)
        return self._report(job)

    def close(self):
        pass

    def _report(self, job):
        told = "" if self.outcome is Outcome.PASSED else "the sum is off\nby one"
        checks = (CheckResult("test_sum", Category.CORRECTNESS, self.outcome, message=told, note=told),)
        points = {"correctness": 4.0}
        return Report(job.exercise, job.name, job.seed, job.device, points, checks, sandboxed=job.sandboxed)

    def _hands(self, n_slots):
        self.n_slots = n_slots

        def hands(tasks, done):
            for task in tasks:
                self.jobs.append(task.job)
                done(Done(task, None, self.trouble) if self.trouble else Done(task, self._report(task.job)))

        return hands


@pytest.fixture
def slots(monkeypatch):
    return Slots(monkeypatch)


@pytest.fixture
def file(tmp_path):
    return write(tmp_path / "double.py", REFERENCE)


@pytest.fixture
def folder(tmp_path):
    for student in ("ann", "bob"):
        write(tmp_path / f"class/{student}/double.py", REFERENCE + f"# {student}\n")
    return tmp_path / "class"


@needs_linux
@needs_walls
@pytest.mark.usefixtures("one_slot")
def test_right_answer_ends_with_0_and_its_points(grade, file):
    ended = grade(file, "--seed", "3")

    assert (ended.exit_code, ended.stderr) == (0, "")
    assert ended.stdout == "seed 3\ndouble: 8 of 8 checks passed, 6 of 6 points\n"


@needs_linux
@needs_walls
@pytest.mark.usefixtures("one_slot")
@pytest.mark.parametrize(
    ("source", "said"),
    [
        (WRONG["once"], "test_number_is_doubled_again_and_again: failed\n"),
        (STUB, "not implemented"),
        ("import os\n" + REFERENCE, "refused by the rules"),
        ("def double(:\n", "does not load"),
    ],
    ids=["wrong", "stub", "refused", "no Python"],
)
def test_answer_that_does_not_pass_ends_with_1_and_says_why(grade, file, source, said):
    file.write_text(source)

    ended = grade(file)

    assert (ended.exit_code, ended.stderr) == (1, "")
    assert said in ended.stdout
    assert ended.stdout.splitlines()[-1].startswith("double: ")


@needs_linux
@pytest.mark.usefixtures("one_slot")
def test_notebook_is_graded_by_its_code(grade, tmp_path):
    path = notebook(tmp_path / "double.ipynb", REFERENCE)

    ended = grade(path, "--unsafe-no-sandbox")

    assert (ended.exit_code, ended.stderr) == (0, "")
    assert "double: 8 of 8 checks passed" in ended.stdout


@needs_linux
@pytest.mark.usefixtures("one_slot")
def test_without_the_sandbox_the_report_says_so(grade, file):
    told, data = grade(file, "--unsafe-no-sandbox"), grade(file, "--unsafe-no-sandbox", "--json")

    assert (told.exit_code, data.exit_code) == (0, 0)
    assert told.stdout.splitlines()[-1] == UNSAFE
    assert Report.from_json(data.stdout).sandboxed is False


@needs_linux
@needs_walls
def test_class_is_graded_and_a_second_run_has_nothing_to_do(grade, folder):
    first, second = grade(folder, "--jobs", "1"), grade(folder, "--jobs", "1")

    assert (first.exit_code, first.stderr, second.exit_code) == (0, "", 0)
    assert first.stdout.startswith("2 submissions of 2 students: 2 graded now, 0 known already\nseed ")
    assert second.stdout.startswith("2 submissions of 2 students: 0 graded now, 2 known already\nseed ")
    assert str(folder / ".mlkata/grades.sqlite") in first.stdout
    assert first.stdout.splitlines()[1] == second.stdout.splitlines()[1]
    reports = [report for _, _, report in Store(folder / ".mlkata/grades.sqlite").handed_in(folder)]
    assert all(report.passed and report.sandboxed for report in reports)


def test_report_as_json_is_the_report(grade, slots, file):
    slots.outcome = Outcome.FAILED

    ended = grade(file, "--json", "--seed", "3")

    assert ended.exit_code == 1
    report = Report.from_json(ended.stdout)
    assert (report.exercise, report.submission, report.seed) == ("double", str(file), 3)
    assert report.sandboxed


def test_check_that_did_not_pass_is_told_with_its_message(grade, slots, file):
    slots.outcome = Outcome.FAILED

    assert grade(file, "--seed", "3").stdout == (
        "test_sum: failed\n  the sum is off\n  by one\n\n"
        "seed 3\ndouble: 0 of 1 checks passed, 0 of 4 points; points lost in correctness 0/1\n"
    )


def test_message_that_holds_for_all_checks_is_told_once(slots):
    check = CheckResult("test_a", Category.CORRECTNESS, Outcome.NOT_LOADED, message="line 1: invalid syntax")
    other = replace(check, name="test_b")
    report = Report("double", "double.py", 0, "cpu", {"correctness": 4.0}, (check, other), sandboxed=True)

    assert marking.report_text(report).count("invalid syntax") == 1


def test_options_reach_the_slot(grade, slots, file, root):
    grade(file, "--seed", "3", "--device", "cuda", "--show", "full")
    grade(file, "--unsafe-no-sandbox")

    first, second = slots.jobs
    assert (first.seed, first.device, first.show, first.sandboxed) == (3, "cuda", "full", True)
    assert (first.exercise, first.source, first.root) == ("double", REFERENCE, str(root))
    assert (second.device, second.show, second.sandboxed) == ("cpu", "property", False)


def test_seed_of_a_file_is_one_that_nobody_knows(grade, slots, file):
    for _ in range(3):
        grade(file)

    assert len({job.seed for job in slots.jobs}) == 3


def test_exercise_can_be_named(grade, slots, tmp_path):
    path = write(tmp_path / "homework_1.py", REFERENCE)

    ended = grade(path, "--exercise", "double")

    assert ended.exit_code == 0
    assert slots.jobs[0].exercise == "double"


def test_file_that_cannot_be_read_is_the_submissions_fault(grade, slots, file):
    file.write_bytes(b"x = '\xff'\n")

    told, data = grade(file), grade(file, "--json")

    assert (told.exit_code, data.exit_code, slots.jobs) == (1, 1, [])
    assert "is no UTF-8 text (byte 5); save it as UTF-8" in told.stdout
    assert Report.from_json(data.stdout).checks[0].outcome is Outcome.NOT_LOADED


def test_harness_error_ends_with_3_and_gives_no_points(grade, slots, file):
    slots.outcome = Outcome.HARNESS_ERROR
    incomplete = grade(file)
    slots.trouble = "the walls fell"
    broken = grade(file)

    assert incomplete.exit_code == 3
    assert "not graded, because mlkata itself went wrong; this is no fault of the submission" in incomplete.stdout
    assert (broken.exit_code, broken.stdout, broken.stderr) == (3, "", "mlkata: the walls fell\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{folder}/nowhere.py"], "expected a submission or a folder of them, found nothing"),
        (["{folder}/double.txt"], "expected a file named after an exercise, such as focal_loss.py"),
        (["{folder}/duoble.py"], "did you mean 'double'?"),
        (["{folder}/double.py", "--exercise", "duoble"], "did you mean 'double'?"),
        (["{folder}/double.py", "--store", "x.sqlite"], "--store, --jobs and --cluster are for a folder"),
        (["{folder}/double.py", "--jobs", "2"], "--store, --jobs and --cluster are for a folder"),
        (["{folder}/double.py", "--cluster", "tcp://127.0.0.1:9"], "--store, --jobs and --cluster are for a folder"),
        (["{folder}", "--exercise", "double"], "--exercise is for a single file"),
        (["{folder}", "--jobs", "0"], "--jobs"),
        (["{folder}", "--store", "nonsense://host"], "expected a store of grades"),
        (["{folder}", "--cluster", "nonsense"], "expected a Dask scheduler"),
        (["{folder}/double.py", "--seed", "-1"], "--seed"),
        (["{folder}/double.py", "--seed", "4294967296"], "--seed"),
        (["{folder}/double.py", "--device", "tpu"], "--device"),
        (["{folder}/double.py", "--show", "all"], "--show"),
        ([], "PATH"),
    ],
)
def test_what_cannot_be_done_ends_with_2_and_says_what_to_do(grade, slots, tmp_path, arguments, said):
    for name in ("double.py", "double.txt", "duoble.py"):
        write(tmp_path / "files" / name, REFERENCE)

    ended = grade(*(word.format(folder=tmp_path / "files") for word in arguments))

    assert (ended.exit_code, ended.stdout, slots.jobs) == (2, "", [])
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_without_walls_nothing_is_graded_unless_that_is_asked_for(grade, slots, monkeypatch, request, kind):
    monkeypatch.setattr(sandbox, "unavailable", lambda: "the sandbox needs bubblewrap")
    path = request.getfixturevalue(kind)

    refused = grade(path)
    assert (refused.exit_code, refused.stdout, slots.jobs) == (2, "", [])
    assert "the sandbox needs bubblewrap; or give --unsafe-no-sandbox for submissions that you trust" in refused.stderr

    unsafe = grade(path, "--unsafe-no-sandbox")
    assert unsafe.exit_code == 0
    assert unsafe.stdout.splitlines()[-1] == UNSAFE


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_catalogue_without_graders_cannot_grade(slots, tmp_path, request, kind):
    (tmp_path / "students").mkdir()
    students = toy_catalogue(tmp_path / "students")
    for path in (students / "graders/double").glob("*.py"):
        path.unlink()

    ended = CliRunner().invoke(main, ["grade", str(request.getfixturevalue(kind)), "--root", str(students)])

    assert (ended.exit_code, slots.jobs) == (2, [])
    assert "expected the hidden checks, found no file; name a catalogue that has graders/ with --root" in ended.stderr


def test_class_as_json_has_the_counts(grade, slots, folder):
    ended = grade(folder, "--json", "--seed", "3")

    assert json.loads(ended.stdout) == {
        "store": str(folder / ".mlkata/grades.sqlite"),
        "seed": 3,
        "sandboxed": True,
        "students": 2,
        "graded": 2,
        "known": 0,
        "problems": [],
        "troubles": [],
    }


def test_class_whose_answers_are_wrong_is_graded_all_the_same(grade, slots, folder):
    slots.outcome = Outcome.FAILED

    assert grade(folder).exit_code == 0


def test_problems_of_a_class_end_with_1_once_the_others_are_graded(grade, slots, folder):
    write(folder / "eve/duoble.py", REFERENCE)

    ended = grade(folder)

    assert ended.exit_code == 1
    assert ended.stdout.startswith("2 submissions of 2 students: 2 graded now")
    assert ended.stderr.startswith(f"mlkata: {folder / 'eve/duoble.py'}: there is no exercise 'duoble' to grade")


def test_troubles_of_a_class_end_with_3(grade, slots, folder):
    write(folder / "eve/duoble.py", REFERENCE)
    slots.trouble = "the walls fell"

    ended = grade(folder, "--json")

    assert ended.exit_code == 3
    assert len(json.loads(ended.stdout)["troubles"]) == 2
    assert f"mlkata: {folder / 'ann/double.py'}: the walls fell; it is kept for a retry\n" in ended.stderr


def test_seed_of_a_class_stays_with_its_grades(grade, slots, folder):
    first = json.loads(grade(folder, "--json").stdout)
    write(folder / "eve/double.py", REFERENCE)
    second = json.loads(grade(folder, "--json").stdout)

    assert first["seed"] == second["seed"]
    assert (second["graded"], second["known"]) == (1, 2)
    assert len({job.seed for job in slots.jobs}) == 1


def test_store_and_jobs_of_a_class_can_be_chosen(grade, slots, folder, tmp_path):
    store = tmp_path / "elsewhere/grades.sqlite"

    grade(folder, "--store", store, "--jobs", "3")
    assert store.is_file()
    assert not (folder / ".mlkata").exists()
    assert slots.n_slots == 3

    grade(folder, "--store", f"sqlite:///{store}")
    assert len(slots.jobs) == 2
    assert slots.n_slots == os.cpu_count()


def test_changed_grader_grades_a_class_anew(grade, slots, folder, tmp_path):
    (tmp_path / "own").mkdir()
    own = toy_catalogue(tmp_path / "own")
    grade(folder, "--root", own)
    edit(own / "graders/double/test_double.py", "times=3), 24", "times=3), 25")

    grade(folder, "--root", own)

    assert len(slots.jobs) == 4
