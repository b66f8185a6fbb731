"""Graded results as files of other programs: CSV, JUnit XML, and what GitHub Classroom reads."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any
from xml.etree import ElementTree

from mlkata.grades import Grade, Gradebook, harness_message, points_text, printable
from mlkata.report import CheckResult, Outcome, Report

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def to_csv(grades: Sequence[Grade]) -> str:
    """Students by exercises, in points with four significant digits.

    The second row has the points that can be earned. A cell is blank where nothing was handed in or nothing could be
    graded; then a student's total counts the first as nothing and is blank for the second.
    """
    book = Gradebook.of(grades)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["student", *map(_plain, book.exercises), "total"])
    possible = [points_text(book.possible[exercise]) for exercise in book.exercises]
    table.writerow(["points possible", *possible, points_text(book.possible_total)])
    for student in book.students:
        found = [book.cells.get((student, exercise)) for exercise in book.exercises]
        earned = [points_text(grade.earned if grade else None) for grade in found]
        table.writerow([_plain(student), *earned, points_text(book.total(student))])
    return text.getvalue()


def to_junit(grades: Sequence[Grade]) -> str:
    """JUnit XML: a suite for each answer, a case for each check.

    A check that mlkata could not run is an error, one that does not count in this run is skipped, and so is an answer
    that could not be graded.
    """
    root = ElementTree.Element("testsuites", name="mlkata")
    for grade in Gradebook.of(grades).grades:
        suite = ElementTree.SubElement(root, "testsuite", name=printable(f"{grade.student}/{grade.exercise}"))
        for case in _cases(grade):
            suite.append(case)
        _count(suite, [suite])
    _count(root, list(root))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def to_github_classroom(report: Report) -> dict[str, Any]:
    """What GitHub's autograding reporter reads from a runner: write it as JSON, in base64, to the runner's result.

    The reporter adds up the scores of the tests, and leaves a runner out of the sum that can score nothing. Where
    mlkata itself went wrong this is made use of: there is an error to read, and no zero.
    """
    if not report.complete:
        message = f"not graded, please tell your instructor: {printable(harness_message(report))}"
        test = {"name": report.exercise, "status": "error", "message": message, "score": 0}
        return {"version": 1, "status": "error", "max_score": 0, "tests": [test]}
    scores, left = shares(report), report.total().earned
    last = max((place for place, (earned, _) in enumerate(scores) if earned), default=0)
    tests = []
    for place, check in enumerate(check for check in report.checks if check.graded):
        score = left if place == last else scores[place][0]  # so that they add up to the report's points to the digit
        left -= score
        passed = check.outcome is Outcome.PASSED
        tests.append(
            {
                "name": printable(check.name),
                "status": "pass" if passed else "fail",
                "message": "" if passed else printable(check_text(check)),
                "score": score,
            }
        )
    status = "pass" if report.passed else "fail"
    return {"version": 1, "status": status, "max_score": report.total().possible, "tests": tests}


def shares(report: Report) -> list[tuple[float, float]]:
    """Points that each graded check earned, and could earn, in the order of the report."""
    scores = report.by_category()
    found = []
    for check in report.checks:
        if check.graded:
            score = scores[check.category]
            possible = score.possible / score.checks
            found.append((possible if check.outcome is Outcome.PASSED else 0.0, possible))
    return found


def check_text(check: CheckResult) -> str:
    """What a learner reads of a check that did not pass: what it checks, and what was found."""
    message = check.message or check.note or str(check.outcome)
    says_both = not check.sentence or message.startswith(check.sentence.rstrip("."))
    return message if says_both else f"{check.sentence}\n\n{message}"


def _plain(text: str) -> str:
    """The text, and no formula for a spreadsheet."""
    text = printable(text)
    return f"'{text}" if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text


def _cases(grade: Grade) -> Iterator[ElementTree.Element]:
    if grade.report is None or not grade.report.checks:
        yield _case(grade.exercise, "grading", "skipped", printable(grade.why_not))
        return
    for problem in grade.report.problems:
        yield _case(grade.exercise, "submission", "failure", printable(problem), "problem")
    for check in grade.report.checks:
        if check.outcome is Outcome.PASSED:
            yield _case(grade.exercise, check.name)
        elif check.outcome is Outcome.NOT_GRADED:
            yield _case(grade.exercise, check.name, "skipped", printable(check.note or check.message))
        else:
            kind = "error" if check.outcome is Outcome.HARNESS_ERROR else "failure"
            yield _case(grade.exercise, check.name, kind, printable(check_text(check)), str(check.outcome))


def _case(exercise: str, name: str, ended: str = "", text: str = "", type: str = "") -> ElementTree.Element:
    case = ElementTree.Element("testcase", classname=printable(exercise), name=printable(name))
    if ended:
        first = text.strip().partition("\n")[0]
        part = ElementTree.SubElement(case, ended, {"message": first, **({"type": type} if type else {})})
        part.text = text if text.strip() != first else None
    return case


def _count(element: ElementTree.Element, suites: Sequence[ElementTree.Element]) -> None:
    cases = [case for suite in suites for case in suite.iter("testcase")]
    element.set("tests", str(len(cases)))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(attribute, str(sum(case.find(tag) is not None for case in cases)))
