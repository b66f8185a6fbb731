"""A report becomes a score that nbgrader reads, and a message that a student reads."""

import math

import numpy as np
import pytest
import torch
from nbformat import v4
from nbgrader.utils import determine_grade

from mlkata.cell_scores import NOT_WALLED, message_of, score_of, score_text
from mlkata.errors import HarnessError
from mlkata.report import Category, CheckResult, Outcome, Report

POINTS = {"correctness": 5.0, "edge_case": 2.0, "gpu": 1.0}


def check(name, outcome=Outcome.PASSED, category=Category.CORRECTNESS, message="", note=""):
    return CheckResult(name, category, outcome, message=message, note=note)


def report(*checks, sandboxed=True):
    return Report("double", "double.ipynb", 7, "cpu", POINTS, checks, sandboxed=sandboxed)


def grade_of(text, points=5.0):
    """What nbgrader makes of a cell with this as its result."""
    nbgrader = {"grade": True, "solution": False, "locked": True, "grade_id": "correctness", "points": points}
    made = v4.new_code_cell("", metadata={"nbgrader": nbgrader})
    made.outputs = [
        v4.new_output("stream", name="stdout", text="a message"),
        v4.new_output("execute_result", {"text/plain": text}),
    ]
    return determine_grade(made)[0]


@pytest.mark.parametrize("passed", [0, 1, 2, 3])
def test_score_is_the_share_of_checks_that_passed(passed):
    checks = [check(f"test_{n}", Outcome.PASSED if n < passed else Outcome.FAILED) for n in range(3)]

    assert score_of(report(*checks), "correctness", 5.0) == pytest.approx(5 * passed / 3)
    assert score_of(report(*checks), "correctness", 0.0) == 0.0


@pytest.mark.parametrize("points", [0.1, 0.3, 1 / 3, 5.0, 1e-300, 1e300])
def test_score_is_never_above_the_points(points):
    """nbgrader would give up on the whole submission."""
    checks = [check(f"test_{n}") for n in range(49)]

    score = score_of(report(*checks), "correctness", points)

    assert score == points
    assert grade_of(score_text(score), points) == points


@pytest.mark.parametrize("points", [math.nan, math.inf, -1.0])
def test_points_that_are_none_are_refused(points):
    with pytest.raises(HarnessError, match="change the cell"):
        score_of(report(check("test_a")), "correctness", points)


@pytest.mark.parametrize(
    "number", [0, 1, True, 0.0, 2.5, np.float64(1.5), np.float32(0.5), np.int64(3), torch.tensor(2.0)]
)
def test_text_of_a_score_is_read_back_by_nbgrader(number):
    assert grade_of(score_text(number)) == float(number)


@pytest.mark.parametrize("text", ["nan", "None", "True", "'a'", "[0.0]", "np.float64(1.0)", "tensor(1.)"])
def test_nbgrader_takes_any_other_text_for_full_marks(text):
    """Which is why a score's text is made in one place; where this fails, nbgrader has become stricter."""
    assert grade_of(text) == 5.0 or math.isnan(grade_of(text))


def test_category_without_checks_is_no_zero():
    """Full marks or none would both be wrong: it is said."""
    with pytest.raises(HarnessError, match="none was graded"):
        score_of(report(check("test_a")), "performance", 1.0)
    with pytest.raises(HarnessError, match="none was graded"):
        score_of(report(check("test_a", Outcome.NOT_GRADED, Category.GPU)), "gpu", 1.0)


def test_fault_of_the_harness_is_no_zero():
    broken = report(check("test_a"), check("test_b", Outcome.HARNESS_ERROR, Category.EDGE_CASE))

    with pytest.raises(HarnessError):
        score_of(broken, "correctness", 5.0)
    with pytest.raises(HarnessError):
        message_of(broken, "correctness")


def test_message_has_what_failed_of_its_category():
    told = message_of(
        report(
            check("test_a"),
            check("test_b", Outcome.FAILED, message="b is wrong\n\n  see       README.md, Conventions: B"),
            check("test_c", Outcome.FAILED, Category.EDGE_CASE, message="c is wrong"),
        ),
        "correctness",
    )

    assert told.splitlines() == [
        "double, correctness: 1 of 2 checks passed",
        "",
        "test_b: failed",
        "  b is wrong",
        "",
        "    see       the task, Conventions: B",
    ]


def test_reason_that_all_checks_share_is_said_once():
    checks = [check(f"test_{n}", Outcome.NOT_LOADED, message="long", note="no such name") for n in range(4)]

    assert message_of(report(*checks), "correctness").count("no such name") == 1


def test_equal_failures_are_all_said():
    checks = [check(f"test_{n}", Outcome.FAILED, message="the values are wrong") for n in range(2)]

    assert message_of(report(*checks), "correctness").count("the values are wrong") == 2


def test_seed_stays_hidden():
    assert "7" not in message_of(report(check("test_a", Outcome.FAILED, message="wrong")), "correctness")


def test_grading_without_walls_is_said():
    assert NOT_WALLED in message_of(report(check("test_a"), sandboxed=False), "correctness")
    assert NOT_WALLED not in message_of(report(check("test_a")), "correctness")
