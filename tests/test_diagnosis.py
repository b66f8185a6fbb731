"""A failing submission is told which known mistake it behaves like, and nothing where that is not clear."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from toy import toy_catalogue, write

from mlkata.diagnosis import BY_VALUES, BY_WORDS, Suspect, choose

A, B = (Suspect(name, BY_VALUES, f"{name} is true.", (f"test_{name}",)) for name in "ab")


def by_words(suspect):
    return Suspect(suspect.name, BY_WORDS, suspect.misconception, suspect.caught_by)


def test_what_is_alike_by_values_is_named():
    assert choose([], {"test_a": [A]}) == {"test_a": "a is true."}


def test_who_fails_what_the_submission_passes_is_no_suspect():
    assert choose(["test_a"], {"test_c": [A]}) == {}
    assert choose(["test_b"], {"test_c": [A, B]}) == {"test_c": "a is true."}


def test_who_fails_a_check_otherwise_is_no_suspect():
    assert choose([], {"test_c": [A], "test_a": []}) == {}


def test_of_two_the_one_that_explains_more_is_named():
    found = choose([], {"test_c": [A, B], "test_d": [B]})

    assert found == {"test_c": "b is true.", "test_d": "b is true."}


def test_the_check_that_is_named_in_caught_by_decides_between_equals():
    assert choose([], {"test_b": [A, B], "test_c": [A, B]}) == {"test_b": "b is true."}


def test_words_alone_count_only_where_they_fit_every_check():
    assert choose([], {"test_a": [by_words(A)], "test_b": [by_words(A)]}) == dict.fromkeys(
        ("test_a", "test_b"), "a is true."
    )
    assert choose([], {"test_a": [by_words(A)], "test_b": []}) == {}


def test_values_count_more_than_words():
    assert choose([], {"test_c": [A, by_words(B)], "test_d": [by_words(B)]})["test_c"] == "a is true."


@pytest.fixture
def root(tmp_path):
    return toy_catalogue(tmp_path)


def told(root, source, *options):
    """The report of a submission, and what pytest printed."""
    path, out = write(root / "answer.py", source), root / "report.json"
    arguments = ["--submission", str(path), "--report-json", str(out), "-p", "no:cacheprovider", *options]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", str(root / "exercises" / "double"), *arguments], capture_output=True, text=True
    )
    [report] = json.loads(out.read_text())
    return {check["name"]: check for check in report["checks"]}, ended.stdout


SQUARES = "Doubling is multiplying a number by itself."  # as the toy's wrong answer of that name
SAME_IN_OTHER_WORDS = """
def double(x, *, times=1):
    if type(x) is list:
        return list(map(double, x))
    return pow(float(x), 2)
"""
THREEFOLD = """
def double(x, *, times=1):
    if isinstance(x, str):
        raise TypeError(x)
    return [double(v, times=times) for v in x] if isinstance(x, list) else x * 3**times
"""


@pytest.mark.parametrize("options", [(), ("-n", "2"), ("--show", "property")])
def test_misconception_stands_under_the_check_that_fails(root, options):
    checks, printed = told(root, SAME_IN_OTHER_WORDS, *options)

    assert checks["test_number_is_doubled"]["outcome"] == "failed"
    assert checks["test_number_is_doubled"]["diagnosis"] == SQUARES
    assert f"you did what is a known mistake: {SQUARES}" in printed
    assert f"known mistake: {SQUARES}" in checks["test_number_is_doubled"]["message"]


def test_another_mistake_is_not_named(root):
    checks, printed = told(root, THREEFOLD)

    assert checks["test_number_is_doubled"]["outcome"] == "failed"
    assert not any(check["diagnosis"] for check in checks.values())
    assert "known mistake" not in printed


def test_right_answer_is_not_diagnosed(root):
    reference = (root / "solutions" / "double.py").read_text()

    checks, printed = told(root, reference)

    assert not any(check["diagnosis"] for check in checks.values())
    assert "known mistake" not in printed


def test_wrong_answer_that_does_not_load_harms_nobody(root):
    write(root / "graders" / "double" / "wrong" / "broken.py", "1 / 0\n")

    checks, _ = told(root, SAME_IN_OTHER_WORDS)

    assert checks["test_number_is_doubled"]["diagnosis"] == SQUARES


@pytest.mark.parametrize("unsafe", [True, False])
def test_graded_submission_is_diagnosed(root, unsafe):
    path = write(root.parent / "double.py", SAME_IN_OTHER_WORDS)
    command = [sys.executable, "-c", "from mlkata.cli import main; main()", "grade", str(path), "--exercise", "double"]
    command += ["--root", str(root), "--json", *(["--unsafe-no-sandbox"] if unsafe else [])]

    ended = subprocess.run(command, capture_output=True, text=True)

    assert SQUARES in ended.stdout, ended.stderr
