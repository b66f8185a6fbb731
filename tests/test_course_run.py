"""An assignment is graded as an instructor asks for it: again, with other points, late, by formgrader, with faults."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading

import course_toy as toys
import pytest
from click.testing import CliRunner
from course_toy import FULL, HAND_WRITTEN, answered, cell, hand_in, released, scores
from nbgrader.api import Gradebook
from toy import edit
from walls import needs_walls

from mlkata import course_grading, course_run
from mlkata.cli import main
from mlkata.course_run import autograde_class
from mlkata.errors import UsageError

pytestmark = [pytest.mark.xdist_group("course_run"), needs_walls]

HALF = {"correctness": 3.0, "edge_case": 1.5}


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A course in which two students handed in and were graded."""
    made = toys.toy_course(tmp_path_factory.mktemp("run"))
    hand_in(made, "ada", answered(released(made), HAND_WRITTEN["right"]))
    hand_in(made, "bob", answered(released(made), HAND_WRITTEN["wrong"]))
    autograde_class(made, "ps1", 1)
    return made


@pytest.fixture
def made(template, tmp_path):
    return toys.copy_of(template, tmp_path)


@pytest.fixture
def no_kernel(monkeypatch):
    from nbgrader.preprocessors import Execute

    def start(*arguments, **options):
        raise AssertionError("a kernel was to be started")

    monkeypatch.setattr(Execute, "preprocess", start)


def gradebook(made):
    return Gradebook(f"sqlite:///{made}/gradebook.db")


def begin_again(made):
    """nbgrader takes no other cells once there are submissions."""
    with gradebook(made) as book:
        book.remove_assignment("ps1")
    toys.generate(made, "ps1")


def test_manual_score_survives_a_regrade(made):
    with gradebook(made) as book:
        grade = book.find_grade("correctness", "double", "ps1", "bob")
        grade.manual_score, grade.extra_credit = 3.5, 0.25
        book.db.commit()
    hand_in(made, "bob", answered(released(made), HAND_WRITTEN["right"]))

    autograde_class(made, "ps1", 1)

    with gradebook(made) as book:
        grade = book.find_grade("correctness", "double", "ps1", "bob")
        assert (grade.auto_score, grade.manual_score, grade.score) == (4.0, 3.5, 3.75)


def test_comment_of_a_grader_survives_a_regrade(made):
    with gradebook(made) as book:
        book.find_comment("solution", "double", "ps1", "bob").manual_comment = "See me."
        book.db.commit()
    hand_in(made, "bob", answered(released(made), HAND_WRITTEN["right"]))

    autograde_class(made, "ps1", 1)

    assert "See me." in toys.feedback(made, "bob")


def test_late_penalty_is_taken(made):
    toys.configure(
        made,
        "from nbgrader.plugins import BasePlugin",
        "class Half(BasePlugin):",
        "    def late_submission_penalty(self, student_id, score, total_seconds_late):",
        "        return score / 2",
        "c.AssignLatePenalties.plugin_class = Half",
    )
    with gradebook(made) as book:
        book.update_or_create_assignment("ps1", duedate="2026-02-01 10:00:00 UTC")
    hand_in(made, "late", answered(released(made), HAND_WRITTEN["right"]))

    autograde_class(made, "ps1", 1)

    with gradebook(made) as book:
        submission = book.find_submission("ps1", "late")
        assert (submission.score, submission.late_submission_penalty) == (6.0, 3.0)


def test_submission_that_is_later_now_is_taken_over(made):
    """The same answer with another time, which a penalty may depend on."""
    (made / "submitted" / "bob" / "ps1" / "timestamp.txt").write_text("2026-03-02 10:00:00.000000 UTC")

    assert autograde_class(made, "ps1", 1).graded == 1


def test_changed_points_count_without_new_grading(made, monkeypatch):
    toys.set_points(made, "correctness", 8.0)
    monkeypatch.setattr(course_grading.batch, "local", lambda jobs: lambda tasks, done: _none(tasks))

    outcome = autograde_class(made, "ps1", 1)

    assert (outcome.graded, outcome.troubles) == (2, ())
    assert scores(made, "ada") == {"correctness": 8.0, "edge_case": 2.0}
    assert scores(made, "bob") == {"correctness": 6.0, "edge_case": 1.5}


def _none(tasks):
    assert not tasks


def test_changed_grader_grades_anew(tmp_path):
    made = toys.toy_course(tmp_path)
    hand_in(made, "bob", answered(released(made), HAND_WRITTEN["wrong"]))
    autograde_class(made, "ps1", 1)
    edit(tmp_path / "catalogue" / "graders" / "double" / "test_double.py", "times=3), 24", "times=3), 6")

    assert autograde_class(made, "ps1", 1).graded == 1
    assert scores(made, "bob") == {"correctness": 4.0, "edge_case": 1.5}


def test_formgraders_autograde_needs_no_kernel(made, no_kernel):
    hand_in(made, "carl", answered(released(made), HAND_WRITTEN["right"]))

    result = toys.api(made).autograde("ps1", "carl")

    assert result["success"], result
    assert scores(made, "carl") == FULL


def test_stock_autograde_grades_the_class_in_one_go(made, no_kernel, monkeypatch):
    """Which is faster than one by one, as nbgrader comes to them."""
    asked = []
    grade = course_grading.CourseGrader.grade
    monkeypatch.setattr(
        course_grading.CourseGrader,
        "grade",
        lambda self, ones, **how: asked.append(len(ones)) or grade(self, ones, **how),
    )
    for student in ("carl", "dora", "emil"):
        hand_in(made, student, answered(released(made), f"# {student}\n" + HAND_WRITTEN["right"]))

    result = toys.api(made).autograde("ps1", "*")

    assert result["success"], result
    assert [scores(made, student) for student in ("bob", "carl", "dora", "emil")] == [HALF, FULL, FULL, FULL]
    assert asked == [5]


def test_fault_of_the_harness_is_told_and_no_zero(made, monkeypatch):
    """nbgrader keeps the scores that it had, and the others are graded."""
    hand_in(made, "bob", answered(released(made), HAND_WRITTEN["right"]))
    hand_in(made, "carl", answered(released(made), "# carl\n" + HAND_WRITTEN["right"]))
    report = course_grading.CourseGrader.report
    monkeypatch.setattr(
        course_grading.CourseGrader, "report", lambda self, one: None if one.student == "bob" else report(self, one)
    )

    outcome = autograde_class(made, "ps1", 1)

    assert len(outcome.troubles) == 1
    assert outcome.troubles[0].startswith("bob: ")
    assert (scores(made, "bob"), scores(made, "carl")) == (HALF, FULL)
    monkeypatch.undo()
    assert autograde_class(made, "ps1", 1).graded == 1
    assert scores(made, "bob") == FULL


def test_fault_ends_the_command_with_3(made, monkeypatch):
    monkeypatch.setattr(course_run, "_autograde", lambda *arguments: "it went wrong")
    hand_in(made, "bob", answered(released(made), HAND_WRITTEN["right"]))

    result = CliRunner().invoke(main, ["course", "autograde", str(made), "ps1"])

    assert result.exit_code == 3
    assert "mlkata: bob: it went wrong" in result.output


def test_outcome_is_told_as_json(made):
    result = CliRunner().invoke(main, ["course", "autograde", str(made), "ps1", "--json"])

    none = {"problems": [], "troubles": []}
    assert json.loads(result.stdout) == {"assignment": "ps1", "students": 2, "graded": 0, "known": 2, **none}


def test_without_walls_nothing_is_graded(made, monkeypatch):
    monkeypatch.setattr("mlkata.sandbox.unavailable", lambda: "there is no bwrap")
    hand_in(made, "carl", answered(released(made), "# carl\n" + HAND_WRITTEN["right"]))

    with pytest.raises(UsageError, match="there is no bwrap"):
        autograde_class(made, "ps1", 1)
    result = toys.api(made).autograde("ps1", "carl")

    assert not result["success"]
    assert "there is no bwrap" in result["log"]


def test_grading_without_walls_is_said_where_it_is_asked_for(made):
    toys.configure(made, "c.GradeBehindWalls.unsafe_no_sandbox = True")
    hand_in(made, "carl", answered(released(made), HAND_WRITTEN["wrong"]))

    autograde_class(made, "ps1", 1)

    assert "graded without the sandbox" in toys.said(made, "carl")


def test_test_cell_of_another_kind_is_told(made):
    path = made / "source" / "ps1" / "double.ipynb"
    notebook = json.loads(path.read_text())
    own = json.loads(json.dumps(cell(notebook, "correctness")))
    own["id"], own["metadata"]["nbgrader"]["grade_id"], own["source"] = "own", "own", "assert double(2) == 4"
    notebook["cells"].append(own)
    path.write_text(json.dumps(notebook))
    begin_again(made)
    hand_in(made, "carl", answered(released(made), HAND_WRITTEN["right"]))

    with pytest.raises(UsageError, match="expected test cells of mlkata alone, found 'own'"):
        autograde_class(made, "ps1", 1)


def test_cell_that_a_grader_marks_by_hand_waits_for_it(made):
    path = made / "source" / "ps1" / "double.ipynb"
    notebook = json.loads(path.read_text())
    nbgrader = {"grade": True, "grade_id": "why", "locked": False, "points": 3, "schema_version": 3, "solution": True}
    why = {
        "cell_type": "markdown",
        "id": "why",
        "metadata": {"nbgrader": {**nbgrader, "task": False}},
        "source": "Why?",
    }
    notebook["cells"].append(why)
    path.write_text(json.dumps(notebook))
    begin_again(made)
    answer = answered(released(made), HAND_WRITTEN["right"])
    cell(answer, "why")["source"] = "Because."
    hand_in(made, "carl", answer)

    autograde_class(made, "ps1", 1)

    assert scores(made, "carl") == {**FULL, "why": None}
    assert "Because." in json.dumps(toys.graded(made, "carl"))


def test_stock_exporter_that_loses_a_cell_is_told(made):
    toys.configure(made, "del c.Autograde['exporter_class']")
    answer = answered(released(made), HAND_WRITTEN["right"])
    answer["cells"].remove(cell(answer, "correctness"))
    hand_in(made, "carl", answer)

    assert "expected the cell correctness, which is not there" in autograde_class(made, "ps1", 1).troubles[0]


@pytest.mark.parametrize("assignment", ["ps2", "nothing"])
def test_assignment_without_submissions_is_told(made, assignment):
    with pytest.raises(UsageError, match=f"expected submissions of '{assignment}', found none"):
        autograde_class(made, assignment, 1)


def test_configuration_of_another_kind_is_told(made):
    (made / "nbgrader_config.py").write_text("c = get_config()\n")

    with pytest.raises(UsageError, match="expected a configuration that grades by mlkata"):
        autograde_class(made, "ps1", 1)


def test_two_at_a_time_lose_nothing(made):
    """Two commands on one database, each with two jobs; without care SQLite would answer that it is busy."""
    students = [f"s{number}" for number in range(8)]
    for number, student in enumerate(students):
        source = HAND_WRITTEN["wrong" if number % 2 else "right"]
        hand_in(made, student, answered(released(made), f"# {student}\n{source}"))
    command = [sys.executable, "-m", "mlkata.cli", "course", "autograde", str(made), "ps1", "--jobs", "2", "--json"]
    ended = {}

    def run(name):
        ended[name] = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ})

    threads = [threading.Thread(target=run, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [each.returncode for each in ended.values()] == [0, 0], [each.stderr for each in ended.values()]
    outcomes = [json.loads(each.stdout) for each in ended.values()]
    assert sum(each["graded"] for each in outcomes) == len(students)
    assert [scores(made, student) for student in students] == [HALF if number % 2 else FULL for number in range(8)]


def test_notebook_of_another_kind_is_left_to_nbgrader(made, monkeypatch):
    """With its kernel, of which this test sees that it would be started."""
    import nbformat
    from nbgrader.preprocessors import Execute

    kept = nbformat.v4.new_notebook()
    marks = {
        "grade": False,
        "grade_id": "answer",
        "locked": False,
        "schema_version": 3,
        "solution": True,
        "task": False,
    }
    own = nbformat.v4.new_code_cell(
        "### BEGIN SOLUTION\nx = 1\n### END SOLUTION", id="answer", metadata={"nbgrader": marks}
    )
    test = {**marks, "grade": True, "grade_id": "test", "locked": True, "solution": False, "points": 5}
    kept.cells = [own, nbformat.v4.new_code_cell("assert x == 1", id="test", metadata={"nbgrader": test})]
    kept.metadata = {"kernelspec": {"display_name": "x", "language": "python", "name": "python3"}}
    (made / "source" / "ps1" / "own.ipynb").write_text(nbformat.writes(kept))
    begin_again(made)
    assert released(made, "own")["cells"][0]["source"] == ["# YOUR CODE HERE\n", "raise NotImplementedError()"]
    hand_in(made, "ada", released(made, "own"), id="own")
    ran = []
    monkeypatch.setattr(Execute, "preprocess", lambda self, nb, resources, *more: ran.append(1) or (nb, resources))

    autograde_class(made, "ps1", 1)

    assert ran == [1]
    assert scores(made, "ada") == FULL


def test_feedback_has_messages_and_no_hidden_cell(made):
    text = toys.text_of(toys.feedback(made, "bob"))

    assert "Doubling three times makes eight of one." in text
    assert "3 of 4 checks passed" in text
    assert "hidden(" not in text
    assert "BEGIN HIDDEN" not in text
