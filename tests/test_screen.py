"""What watch shows: what is wrong and where, how far one is, which keys there are; colours only where wanted."""

from __future__ import annotations

import io
import os
import re
import sys
from datetime import UTC, datetime

import pytest

from mlkata.judging import Verdict
from mlkata.report import Category, CheckResult, Outcome, Report
from mlkata.screen import KEYS, Terminal, View, lines_of
from mlkata.standing import Standing

pytest_plugins = ("practice_fixtures",)

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def check(name, outcome, **told):
    return CheckResult(name, Category.CORRECTNESS, outcome, **told)


def verdict(*checks, examples=()):
    report = Report("double", "double.py", 0, "cpu", {"correctness": 4.0}, checks)
    return Verdict(report, tuple(examples))


def view(practice, **changes):
    exercises = practice.catalog.exercises()
    return View(exercises, exercises[0], {"treble": Standing(tries=1, passed_at=NOW)}, **changes)


def text(shown, here=None):
    return "\n".join(line for line, _ in lines_of(shown, here or shown.current.folder))


PASSED = check("test_a", Outcome.PASSED)
FAILED = check(
    "test_b", Outcome.FAILED, message="It holds.\n\n  your code line 7, in double: return x", note="it is wrong"
)
ALSO = check("test_c", Outcome.FAILED, message="whole story of c", note="c is wrong")
LOOPS = check("test_d", Outcome.TIMED_OUT, message="story of d", note="is there an endless loop?")


def test_first_line_and_bar_say_where_one_is(practice):
    shown = text(view(practice))

    assert shown.startswith("double: Double (warm_up, easy)\n")
    assert "1/3 passed" in shown
    assert shown.endswith(KEYS)


def test_first_failing_check_is_told_in_full_and_the_others_by_name(practice):
    shown = text(view(practice, verdict=verdict(PASSED, FAILED, ALSO, LOOPS), took=0.25))

    assert "test_b: failed\nIt holds.\n" in shown
    assert "test_c: c is wrong" in shown
    assert "whole story of c" not in shown
    assert "test_d: is there an endless loop?" in shown
    assert "double: 1 of 4 checks passed" in shown
    assert "(0.25 s)" in shown


def test_known_mistake_is_named_once_though_another_check_is_told(practice):
    mistaken = [check(name, Outcome.FAILED, message="m", diagnosis="Twice is more.") for name in ("test_e", "test_f")]

    shown = text(
        view(practice, verdict=verdict(*mistaken, examples=[check("test_x", Outcome.FAILED, message="of it")]))
    )

    assert shown.count("perhaps you did what is a known mistake: Twice is more.") == 1


def test_known_mistake_that_was_told_is_not_told_again(practice):
    told = check("test_e", Outcome.FAILED, message="m\n  perhaps   it is: Twice is more.", diagnosis="Twice is more.")

    assert text(view(practice, verdict=verdict(told))).count("Twice is more.") == 1


def test_of_many_failing_checks_some_are_counted(practice):
    many = [check(f"test_{number}", Outcome.FAILED, message="m", note="wrong") for number in range(12)]

    shown = text(view(practice, verdict=verdict(*many)))

    assert "test_7: wrong\nand 4 more" in shown
    assert "test_8" not in shown


def test_failing_example_comes_before_the_hidden_checks(practice):
    shown = text(
        view(practice, verdict=verdict(FAILED, examples=[check("test_example", Outcome.FAILED, message="of it")]))
    )

    assert shown.index("test_example: failed\nof it") < shown.index("test_b: it is wrong")


@pytest.mark.parametrize(
    ("failing", "place"),
    [
        (FAILED, ":7"),
        (check("test_a", Outcome.NOT_LOADED, note="/x/double.py, line 3: invalid syntax"), ":3"),
        (check("test_a", Outcome.FAILED, message="It holds.\n\n  broken    it is wrong"), ""),
    ],
)
def test_file_is_named_with_the_line(practice, failing, place):
    shown = view(practice, verdict=verdict(failing))

    [path] = [line for line, style in lines_of(shown, practice.root) if style == "file"]
    assert path == os.path.join("exercises", "double", "double.py") + place
    [path] = [line for line, style in lines_of(shown, practice.root / "exercises" / "treble") if style == "file"]
    assert path == f"{shown.current.stub}{place}"


def test_what_concerns_the_whole_file_is_said_once(practice):
    waiting = [check(name, Outcome.NOT_IMPLEMENTED, note="implement double") for name in ("test_a", "test_b")]

    shown = text(view(practice, verdict=verdict(*waiting)))

    assert shown.count("double is not implemented yet: write it in double.py") == 1
    assert "test_a" not in shown


@pytest.mark.parametrize(
    ("outcome", "said"), [(Outcome.NOT_LOADED, "does not load: "), (Outcome.REFUSED, "refused by ")]
)
def test_file_that_cannot_be_judged_says_why(practice, outcome, said):
    assert f"{said}" in text(view(practice, verdict=verdict(check("test_a", outcome, note="the reason"))))


def test_all_passed_says_what_is_next(practice):
    shown = text(view(practice, verdict=verdict(PASSED), took=1.5))

    assert "double: 1 of 1 checks passed, 4 of 4 points  (1.50 s)\nn brings the next one" in shown


def test_early_verdict_says_that_performance_is_measured(practice):
    shown = text(view(practice, verdict=verdict(PASSED), took=0.1, seconds=2.0, is_running=True, is_early=True))

    assert "looking closer, 2 s" in shown
    assert "1 of 1 checks passed" in shown
    assert "n brings" not in shown


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.5, "running\n"), (1.2, "running, 1 s\n"), (4.0, "running, 4 s: is there an endless loop? save")],
)
def test_run_that_takes_long_asks_for_an_endless_loop(practice, seconds, said):
    assert said in text(view(practice, is_running=True, seconds=seconds))


def test_trouble_is_told(practice):
    assert "the reason" in text(view(practice, verdict=Verdict(None, trouble="the reason")))


def test_examples_alone_are_counted_where_the_checks_are_absent(practice):
    shown = text(view(practice, verdict=verdict(examples=[PASSED])))

    assert "double: 1 of 1 visible examples passed; the hidden checks are not here" in shown


def test_list_shows_how_each_stands(practice):
    shown = text(view(practice, is_listing=True, verdict=verdict(FAILED)))

    assert re.search(r"^>   double +easy +5 min  new$", shown, re.MULTILINE)
    assert re.search(r"^  ✓ treble +medium +20 min  passed$", shown, re.MULTILINE)
    assert "test_b" not in shown


def drawn(practice, monkeypatch, *, is_terminal=True, encoding="utf-8", columns=80, **environment):
    """What reaches standard output."""
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding=encoding)
    out.isatty = lambda: is_terminal
    monkeypatch.setattr(sys, "stdout", out)
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm-256color", "COLUMNS": str(columns), **environment}.items():
        monkeypatch.setenv(name, value)
    Terminal().draw(view(practice, verdict=verdict(FAILED)))
    out.flush()
    return raw.getvalue().decode(encoding)


COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def test_terminal_is_cleared_coloured_and_has_a_link_to_the_file(practice, monkeypatch):
    shown = drawn(practice, monkeypatch)

    assert shown.startswith("\x1b[2J")
    assert COLOUR.search(shown)
    assert f";{(practice.root / 'exercises/double/double.py').as_uri()}\x1b\\" in shown


def test_no_color_has_no_colour_but_is_still_cleared(practice, monkeypatch):
    shown = drawn(practice, monkeypatch, NO_COLOR="1")

    assert not COLOUR.search(shown)
    assert shown.startswith("\x1b[2J")


def test_dumb_terminal_is_not_cleared(practice, monkeypatch):
    assert "\x1b" not in drawn(practice, monkeypatch, TERM="dumb")


def test_what_is_no_terminal_gets_plain_lines(practice, monkeypatch):
    shown = drawn(practice, monkeypatch, is_terminal=False)

    assert "\x1b" not in shown
    assert "test_b: failed" in shown


def test_terminal_without_unicode_gets_ascii(practice, monkeypatch):
    assert "######--------------" in drawn(practice, monkeypatch, encoding="ascii", NO_COLOR="1")


@pytest.mark.parametrize("columns", [24, 60])
def test_lines_fit_the_width_and_lose_nothing(practice, monkeypatch, columns):
    shown = re.sub(r"\x1b\[[0-9;]*[A-Z]", "", drawn(practice, monkeypatch, columns=columns, NO_COLOR="1"))

    assert max(map(len, shown.splitlines())) <= columns
    squeezed = "".join(shown.split())
    assert f"{practice.root / 'exercises/double/double.py'}:7" in squeezed
    assert "".join(KEYS.split()) in squeezed
