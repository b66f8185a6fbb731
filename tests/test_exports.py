"""Graded results go into other programs' files whole, and what is no learner's fault is never a zero there."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

import mlkata
from mlkata import gradescope
from mlkata.errors import UsageError
from mlkata.exports import shares, to_csv, to_github_classroom, to_junit
from mlkata.grades import Grade, Gradebook, points_text
from mlkata.gradescope import gradescope_zip, to_gradescope
from mlkata.report import Category, CheckResult, Outcome, Report

POINTS = {"correctness": 5.0, "edge_case": 2.0}
RUN_AUTOGRADER = Path(gradescope.__file__).parent / "data" / "gradescope" / "run_autograder.py"


def check(name, outcome=Outcome.PASSED, category=Category.CORRECTNESS, **more):
    return CheckResult(name, category, outcome, **more)


def report(*checks, exercise="focal_loss", points=POINTS, **more):
    return Report(exercise, "answer.py", 7, "cpu", points, checks, sandboxed=True, **more)


RIGHT = report(check("test_a"), check("test_b"), check("test_c"))
PARTLY = report(
    check("test_a"),
    check("test_b", Outcome.FAILED, sentence="Twice is twice.", message="x[0] is 3, expected 4\nlook at the sum"),
    check("test_c", Outcome.TIMED_OUT),
    check("test_d", category=Category.EDGE_CASE),
    check("test_e", Outcome.NOT_GRADED, Category.GPU, note="no CUDA device"),
)
BROKEN = report(check("test_a"), check("test_b", Outcome.HARNESS_ERROR, message="the worker was lost"))
NOTHING = report()


def rows(grades):
    return list(csv.reader(io.StringIO(to_csv(grades))))


def test_csv_has_students_by_exercises_with_points_and_totals():
    adamw = report(check("test_a"), exercise="adamw", points={"correctness": 4.0})

    assert rows([Grade("Bo", "focal_loss", PARTLY), Grade("ada", "adamw", adamw), Grade("Bo", "adamw", adamw)]) == [
        ["student", "adamw", "focal_loss", "total"],
        ["points possible", "4", "7", "11"],
        ["ada", "4", "", "4"],
        ["Bo", "4", "3.667", "7.667"],
    ]


@pytest.mark.parametrize("ungraded", [BROKEN, NOTHING, None])
def test_csv_has_a_blank_and_no_total_where_nothing_could_be_graded(ungraded):
    table = rows([Grade("ada", "adamw", ungraded), Grade("ada", "focal_loss", RIGHT), Grade("bo", "adamw", RIGHT)])

    assert table[2] == ["ada", "", "5", ""]
    assert table[3] == ["bo", "5", "", "5"]


def test_a_true_zero_is_a_zero():
    assert rows([Grade("ada", "focal_loss", report(check("test_a", Outcome.FAILED)))])[2] == ["ada", "0", "0"]


def test_of_two_grades_the_later_counts():
    assert rows([Grade("ada", "focal_loss", PARTLY), Grade("ada", "focal_loss", RIGHT)])[2:] == [["ada", "5", "5"]]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\n=1", "\x00=1"])
def test_no_cell_of_the_csv_is_a_formula(name):
    grades = [Grade(name, name, RIGHT)]

    cells = [cell for row in rows(grades) for cell in row]

    assert not [cell for cell in cells if cell.strip()[:1] in tuple("=+-@")]
    assert cells[1].startswith("'")


def test_name_with_commas_quotes_and_lines_stays_one_cell():
    assert rows([Grade('a,"b"\nc', "focal_loss", RIGHT)])[2] == ['a,"b"\nc', "5", "5"]


@pytest.mark.parametrize(("points", "text"), [(0.0, "0"), (1 / 3, "0.3333"), (123456.0, "123500"), (None, "")])
def test_points_have_four_digits_and_no_exponent(points, text):
    assert points_text(points) == text


def test_students_are_sorted_without_regard_to_case():
    book = Gradebook.of([Grade(name, "x", RIGHT) for name in ("b", "C", "A", "a")])

    assert book.students == ("A", "a", "b", "C")


def junit(*grades):
    text = to_junit(grades)
    root = ElementTree.fromstring(text.encode())
    return root, {case.get("name"): case for case in root.iter("testcase")}


def test_junit_has_a_suite_for_each_answer_and_a_case_for_each_check():
    root, cases = junit(Grade("ada", "focal_loss", PARTLY), Grade("bo", "focal_loss", RIGHT))

    assert [suite.get("name") for suite in root] == ["ada/focal_loss", "bo/focal_loss"]
    assert [root[0].get(key) for key in ("tests", "failures", "errors", "skipped")] == ["5", "2", "0", "1"]
    assert [root.get(key) for key in ("tests", "failures", "errors", "skipped")] == ["8", "2", "0", "1"]
    assert list(cases["test_d"]) == []


def test_junit_failure_says_what_was_checked_and_found():
    _, cases = junit(Grade("ada", "focal_loss", PARTLY))

    failure = cases["test_b"].find("failure")

    assert failure.get("message") == "Twice is twice."
    assert "expected 4\nlook at the sum" in failure.text
    assert failure.get("type") == "failed"
    assert cases["test_c"].find("failure").get("type") == "timed out"
    assert cases["test_e"].find("skipped").get("message") == "no CUDA device"


def test_junit_tells_our_fault_from_the_learners():
    root, cases = junit(Grade("ada", "focal_loss", BROKEN), Grade("bo", "adamw", None, "no such exercise"))

    assert cases["test_b"].find("error").get("message") == "the worker was lost"
    assert cases["grading"].find("skipped").get("message") == "no such exercise"
    assert root.get("failures") == "0"


def test_junit_counts_a_problem_with_the_whole_as_a_failure():
    _, cases = junit(Grade("ada", "focal_loss", report(check("test_a"), problems=("it was changed meanwhile",))))

    assert cases["submission"].find("failure").get("message") == "it was changed meanwhile"


def test_junit_stays_xml_whatever_names_and_messages_hold():
    nasty = "]]>&<\x00\x1b[31m\x0b\ud800\ufffe\"'é\U0001f600"

    root, cases = junit(Grade(nasty, nasty, report(check(nasty, Outcome.FAILED, message=f"first\n{nasty}"))))

    kept = "]]>&<[31m\"'é\U0001f600"
    assert root[0].get("name") == f"{kept}/{kept}"
    assert cases[kept].find("failure").text == f"first\n{kept}"


def test_shares_add_up_to_the_total():
    assert shares(PARTLY) == [(5 / 3, 5 / 3), (0, 5 / 3), (0, 5 / 3), (2, 2)]


def test_gradescope_has_scores_of_the_whole_and_of_each_test():
    result = to_gradescope(PARTLY)

    assert result["score"] == 3.6667
    assert result["extra_data"]["max_score"] == 7.0
    assert result["stdout_visibility"] == "hidden"
    assert result["tests"][0] == {
        "name": "focal_loss: test_a",
        "visibility": "visible",
        "score": 1.6667,
        "max_score": 1.6667,
        "status": "passed",
        "output": "",
    }
    failed = result["tests"][1]
    assert (failed["score"], failed["status"]) == (0.0, "failed")
    assert failed["output"] == "Twice is twice.\n\nx[0] is 3, expected 4\nlook at the sum"
    assert result["tests"][4].keys() == {"name", "visibility", "output"}
    assert "no CUDA device" in result["tests"][4]["output"]


def test_message_that_begins_with_the_sentence_says_it_once():
    failed = check("test_a", Outcome.FAILED, sentence="Twice is twice.", message="Twice is twice: not implemented yet")

    assert to_gradescope(report(failed))["tests"][0]["output"] == "Twice is twice: not implemented yet"


def test_gradescope_has_no_score_anywhere_for_our_fault():
    result = to_gradescope(RIGHT, BROKEN)

    assert "score" not in json.dumps(result)
    assert "not graded, please tell your instructor" in result["output"]
    assert "the worker was lost" in result["output"]


def test_gradescope_adds_exercises_up_and_names_what_is_missing():
    result = to_gradescope(RIGHT, report(check("test_a"), exercise="adamw"), missing=["auc"])

    assert result["score"] == 10.0
    assert result["tests"][-1]["score"] == 0.0
    assert "auc.py or auc.ipynb" in result["tests"][-1]["output"]


def test_gradescope_says_when_there_were_no_walls():
    assert "without the sandbox" not in to_gradescope(RIGHT)["output"]
    open_air = Report("focal_loss", "answer.py", 7, "cpu", POINTS, (check("test_a"),))
    assert "without the sandbox" in to_gradescope(open_air)["output"]
    assert to_gradescope(open_air)["extra_data"]["sandboxed"] is False


def test_nothing_to_grade_is_no_zero():
    assert "score" not in to_gradescope()


def test_github_classroom_gets_scores_that_add_up():
    sevenths = report(*(check(f"test_{number}") for number in range(7)), points={"correctness": 3.0})

    result = to_github_classroom(sevenths)

    assert (result["version"], result["status"], result["max_score"]) == (1, "pass", 3.0)
    assert sum(test["score"] for test in result["tests"]) == 3.0
    assert {test["status"] for test in result["tests"]} == {"pass"}


def test_github_classroom_gets_the_failing_checks():
    result = to_github_classroom(PARTLY)

    assert result["status"] == "fail"
    assert [test["status"] for test in result["tests"]] == ["pass", "fail", "fail", "pass"]
    assert sum(test["score"] for test in result["tests"]) == PARTLY.total().earned
    assert result["tests"][1]["score"] == 0
    assert "expected 4" in result["tests"][1]["message"]


def test_github_classroom_gets_no_zero_out_of_something_for_our_fault():
    result = to_github_classroom(BROKEN)

    assert (result["status"], result["max_score"]) == ("error", 0)
    assert [test["status"] for test in result["tests"]] == ["error"]
    assert "the worker was lost" in result["tests"][0]["message"]


def test_github_classroom_gets_zero_for_what_earned_nothing():
    result = to_github_classroom(report(check("test_a", Outcome.FAILED), check("test_b", Outcome.FAILED)))

    assert [test["score"] for test in result["tests"]] == [0, 0]
    assert result["max_score"] == 5.0


@pytest.fixture
def archive(tmp_path):
    gradescope_zip(tmp_path / "autograder.zip", ["focal_loss", "adamw"])
    return zipfile.ZipFile(tmp_path / "autograder.zip")


def test_zip_has_what_gradescope_runs_at_its_root(archive):
    assert archive.namelist() == ["setup.sh", "run_autograder", "mlkata.json"]
    for name in ("setup.sh", "run_autograder"):
        assert stat.S_IMODE(archive.getinfo(name).external_attr >> 16) == 0o755
        assert archive.read(name).startswith(b"#!/usr/bin/env ")


def test_setup_installs_this_version_and_is_bash(archive, tmp_path):
    setup = archive.read("setup.sh").decode()

    assert f"mlkata=={mlkata.__version__}" in setup
    assert "@" not in setup
    assert "bubblewrap" in setup
    assert subprocess.run(["bash", "-n"], input=setup, text=True, check=False).returncode == 0


def test_zip_is_the_same_each_time(tmp_path):
    for name in ("a.zip", "b.zip"):
        gradescope_zip(tmp_path / name, ["adamw"])

    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_zip_without_exercises_is_refused(tmp_path):
    with pytest.raises(UsageError, match="name one"):
        gradescope_zip(tmp_path / "autograder.zip", [])


MLKATA = """\
#!{python}
import json, sys, time
from pathlib import Path
arguments = sys.argv[1:]
with open({log!r}, "a") as log:
    print(json.dumps(arguments), file=log)
if arguments[0] == "grade":
    exec(Path({grade!r}).read_text())
else:
    from mlkata.gradescope import to_gradescope
    from mlkata.report import Report
    missing = [word for before, word in zip(arguments, arguments[1:]) if before == "--missing"]
    reports = [Report.from_json(Path(word).read_text()) for word in arguments if word.endswith(".json")]
    print(json.dumps(to_gradescope(*reports, missing=missing)))
"""


class Container:
    """A folder laid out as Gradescope's, with a program in place of mlkata."""

    def __init__(self, root):
        self.root = root
        (root / "submission").mkdir()
        (root / "source").mkdir()
        self.program = root / "mlkata"
        log, grade = str(root / "log"), str(root / "grade.py")
        self.program.write_text(MLKATA.format(python=sys.executable, log=log, grade=grade))
        self.program.chmod(0o755)
        self.settings("focal_loss")

    def settings(self, *exercises, unsafe=False):
        settings = {"exercises": exercises, "unsafe_no_sandbox": unsafe}
        (self.root / "source" / "mlkata.json").write_text(json.dumps(settings))

    def hand_in(self, *names):
        for name in names:
            (self.root / "submission" / name).write_text("x = 1")

    def grading(self, script):
        (self.root / "grade.py").write_text(script)

    def run(self, **options):
        spec = importlib.util.spec_from_file_location("run_autograder", RUN_AUTOGRADER)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.main(self.root, program=str(self.program), **options)
        return json.loads((self.root / "results" / "results.json").read_text())

    @property
    def calls(self):
        return [json.loads(line) for line in (self.root / "log").read_text().splitlines()]


@pytest.fixture
def container(tmp_path):
    return Container(tmp_path)


def prints(report, code=0):
    return f"print({report.to_json()!r}); sys.exit({code})"


def test_autograder_writes_the_score(container):
    container.hand_in("focal_loss.py", "notes.txt")
    container.grading(prints(PARTLY, 1))

    assert container.run()["score"] == 3.6667
    path = str(container.root / "submission" / "focal_loss.py")
    assert container.calls[0] == ["grade", "--exercise", "focal_loss", "--json", path]


def test_autograder_takes_the_only_file_for_the_only_exercise(container):
    container.hand_in("Homework 3.ipynb")
    container.grading(prints(RIGHT))

    assert container.run()["score"] == 5.0


def test_autograder_takes_no_other_file_among_several_exercises(container):
    container.settings("focal_loss", "adamw")
    container.hand_in("adam.py")
    container.grading(prints(RIGHT))

    result = container.run()

    assert result["score"] == 0.0
    assert "adamw.py or adamw.ipynb" in result["tests"][-1]["output"]


def test_autograder_grades_each_exercise_by_its_file(container):
    container.settings("focal_loss", "adamw")
    container.hand_in("focal_loss.py", "adam.py")
    container.grading(prints(RIGHT))

    result = container.run()

    assert result["score"] == 5.0
    assert [test["name"] for test in result["tests"]][-2:] == ["focal_loss: test_c", "adamw"]


def test_autograder_does_not_choose_between_two_files(container):
    container.hand_in("focal_loss.py", "focal_loss.ipynb")

    result = container.run()

    assert result["score"] == 0.0
    assert "expected one file" in result["tests"][0]["output"]


@pytest.mark.parametrize(
    ("grade", "says"),
    [
        ("sys.exit(3)", "mlkata itself"),
        ("sys.exit(2)", "mlkata itself"),
        ("print('{'); sys.exit(0)", "mlkata itself"),
        ("import os; os.kill(os.getpid(), 9)", "mlkata itself"),
        (prints(BROKEN), "the worker was lost"),
        ("time.sleep(60)", "took too long"),
        ("import subprocess; subprocess.Popen(['sleep', '20']); time.sleep(60)", "took too long"),
    ],
)
def test_autograder_writes_no_score_when_grading_goes_wrong(container, grade, says):
    container.hand_in("focal_loss.py")
    container.grading(grade)

    result = container.run(seconds=5)

    assert "score" not in json.dumps(result)
    assert "not graded, please tell your instructor" in result["output"]
    assert says in result["output"]


def test_autograder_writes_no_score_when_there_is_no_mlkata(container):
    container.hand_in("focal_loss.py")
    container.program.unlink()

    assert "score" not in json.dumps(container.run())


def test_autograder_has_said_not_graded_before_it_begins(container):
    container.hand_in("focal_loss.py")
    results = container.root / "results" / "results.json"
    spied = container.root / "spied"
    container.grading(f"Path({str(spied)!r}).write_text(Path({str(results)!r}).read_text()); " + prints(RIGHT))

    container.run()

    assert "not graded" in json.loads(spied.read_text())["output"]


NO_WALLS = """
if "--unsafe-no-sandbox" not in arguments:
    print("bubblewrap cannot build it here; or give --unsafe-no-sandbox for submissions you trust", file=sys.stderr)
    sys.exit(2)
"""


def test_autograder_says_so_where_it_can_have_no_walls(container):
    container.hand_in("focal_loss.py")
    container.grading(NO_WALLS + prints(RIGHT))

    result = container.run()

    assert "score" not in json.dumps(result)
    assert "wall off" in result["output"]
    assert "--unsafe-no-sandbox" in result["output"]


def test_autograder_goes_without_walls_where_the_instructor_said_so(container):
    container.settings("focal_loss", unsafe=True)
    container.hand_in("focal_loss.py")
    container.grading(NO_WALLS + prints(RIGHT))

    assert container.run()["score"] == 5.0
    assert "--unsafe-no-sandbox" in container.calls[0]


def test_script_of_the_zip_says_the_same_as_the_package(archive):
    script = archive.read("run_autograder").decode()

    assert f'NOT_GRADED = "{gradescope.NOT_GRADED}"' in script
