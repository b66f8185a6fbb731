"""Checks add up to points, and a report survives the way through JSON."""

from __future__ import annotations

import json

import pytest

from mlkata.report import Category, CheckResult, Measurement, Outcome, Report, Score, summary_line


def check(name, category, outcome=Outcome.PASSED, **more):
    return CheckResult(name, Category(category), Outcome(outcome), **more)


def report(*checks, points=None, problems=()):
    points = {"correctness": 6.0, "edge_case": 3.0, "gpu": 2.0} if points is None else points
    return Report("focal_loss", "answer.py", 7, "cpu", points, checks, problems)


MIXED = report(
    check("test_a", "correctness"),
    check("test_b", "correctness", Outcome.FAILED, sentence="B.", message="B is wrong"),
    check("test_c", "correctness"),
    check("test_d", "edge_case", Outcome.TIMED_OUT),
    check("test_e", "gpu", Outcome.NOT_GRADED, note="no CUDA device was asked for"),
    check(
        "test_f", "performance", measurements=(Measurement("CPU time", 1.25, 8.0), Measurement("growth", 0.1, 0.3, 1.6))
    ),
)


def test_points_of_a_category_are_shared_equally_by_its_checks():
    assert MIXED.by_category()[Category.CORRECTNESS] == Score(2, 3, 4.0, 6.0)
    assert MIXED.by_category()[Category.EDGE_CASE] == Score(0, 1, 0.0, 3.0)


def test_category_without_points_is_worth_none():
    assert MIXED.by_category()[Category.PERFORMANCE] == Score(1, 1, 0.0, 0.0)


def test_checks_that_are_not_graded_are_left_out():
    assert Category.GPU not in MIXED.by_category()
    assert MIXED.total() == Score(3, 5, 4.0, 9.0)


def test_check_that_is_not_graded_leaves_the_points_to_the_others():
    partly = report(check("test_a", "correctness"), check("test_b", "correctness", Outcome.NOT_GRADED))

    assert partly.total() == Score(1, 1, 6.0, 6.0)


def test_nothing_adds_up_to_nothing():
    assert report().total() == Score(0, 0, 0, 0)
    assert report().by_category() == {}


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.PASSED])
def test_report_passes_where_all_that_counts_does(outcome):
    passes = outcome is Outcome.NOT_GRADED

    assert report(check("test_a", "correctness"), check("test_b", "edge_case", outcome)).passed is passes


def test_report_without_a_graded_check_does_not_pass():
    assert not report().passed
    assert not report(check("test_a", "gpu", Outcome.NOT_GRADED)).passed


def test_report_with_a_problem_does_not_pass():
    assert not report(check("test_a", "correctness"), problems=("fewer checks than there are",)).passed
    assert report(check("test_a", "correctness")).passed


def test_result_is_found_by_name():
    assert MIXED.result("test_d").outcome is Outcome.TIMED_OUT


@pytest.mark.parametrize(
    "original", [MIXED, report(), report(problems=("one", "two"))], ids=["mixed", "empty", "problems"]
)
def test_report_survives_json(original):
    found = Report.from_json(original.to_json())

    assert found == original
    assert all(type(item.outcome) is Outcome and type(item.category) is Category for item in found.checks)
    assert found.total() == original.total()


def test_json_says_the_points_for_readers_that_do_not_add_up():
    data = json.loads(MIXED.to_json())

    assert (data["earned"], data["possible"]) == (4.0, 9.0)
    assert data["checks"][1]["outcome"] == "failed"
    assert data["checks"][5]["measurements"][1] == {"what": "growth", "value": 0.1, "limit": 0.3, "margin": 1.6}


SUMMARIES = {
    "nothing": (report(), "focal_loss: no check was run"),
    "all": (report(check("test_a", "correctness")), "focal_loss: 1 of 1 checks passed, 6 of 6 points"),
    "mixed": (
        MIXED,
        "focal_loss: 3 of 5 checks passed, 4 of 9 points; points lost in correctness 2/3, edge_case 0/1; "
        "1 not graded: no CUDA device was asked for",
    ),
    "a third": (
        report(
            *(check(f"test_{n}", "correctness", "passed" if n else "failed") for n in range(3)),
            points={"correctness": 1.0},
        ),
        "focal_loss: 2 of 3 checks passed, 0.667 of 1 points; points lost in correctness 2/3",
    ),
    "only skipped": (
        report(check("test_a", "gpu", Outcome.NOT_GRADED)),
        "focal_loss: 0 of 0 checks passed, 0 of 0 points; 1 not graded: skipped",
    ),
}


@pytest.mark.parametrize(("found", "line"), SUMMARIES.values(), ids=SUMMARIES)
def test_summary_is_one_line(found, line):
    assert summary_line(found) == line


def test_renamed_report_speaks_of_the_other_file():
    check = CheckResult("test_a", Category.CORRECTNESS, Outcome.FAILED, message="a/x.py, line 3", note="in a/x.py")
    report = Report("double", "a/x.py", 0, "cpu", {"correctness": 1.0}, (check,))

    renamed = report.renamed("b/y.py")

    assert renamed.submission == "b/y.py"
    assert (renamed.checks[0].message, renamed.checks[0].note) == ("b/y.py, line 3", "in b/y.py")
    assert report.checks == (check,)
