"""A judge says what pytest would say, gives up what nobody waits for any more, and outlives what goes wrong."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from plugin_toy import LIFT, PACE, PACE_REFERENCE, REFERENCE, STUB, write_exercise
from toy import edit, write

from mlkata import journal
from mlkata.judging import FreshJudge, WarmJudge, new_judge
from mlkata.practice import Practice
from mlkata.report import Outcome
from mlkata.warm import GIVE_UP

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the warm judge is for Linux alone")

WRONG = REFERENCE.replace("return x + by", "return x + 2 * by")
ENDLESS = REFERENCE.replace("return x + by", "while True:\n        pass")
DEADLY = REFERENCE.replace("return x + by", "import ctypes\n    ctypes.string_at(0)")


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:hypothesispytest -p no:xdist")
    write_exercise(tmp_path, LIFT | PACE)
    return tmp_path


@pytest.fixture
def lift(root):
    return root / "exercises/lift"


@pytest.fixture(params=[pytest.param(WarmJudge, marks=on_linux), FreshJudge])
def judge(request):
    made = request.param()
    yield made
    made.close()


@pytest.fixture
def warm():
    if sys.platform != "linux":
        pytest.skip("the warm judge is for Linux alone")
    made = WarmJudge()
    yield made
    made.close()


def outcomes(verdict):
    assert verdict.trouble == ""
    return {check.name: check.outcome for check in verdict.report.checks}


def test_each_save_is_judged_by_itself(judge, lift):
    found = []
    for source in (STUB, WRONG, REFERENCE):
        write(lift / "lift.py", source)
        found.append(outcomes(judge.judge(lift)))

    assert set(found[0].values()) == {Outcome.NOT_IMPLEMENTED, Outcome.NOT_GRADED}
    assert {name for name, how in found[1].items() if how is Outcome.FAILED} == {"test_values", "test_any_amount"}
    assert set(found[2].values()) == {Outcome.PASSED, Outcome.NOT_GRADED}


def test_run_that_nobody_waits_for_is_given_up_and_the_next_one_is_judged(judge, lift):
    write(lift / "lift.py", ENDLESS)
    until = time.monotonic() + 1.0

    assert judge.judge(lift, is_wanted=lambda: time.monotonic() < until) is None

    write(lift / "lift.py", REFERENCE)
    assert judge.judge(lift).report.passed


def test_exercise_that_cannot_be_read_is_trouble_and_no_end(judge, lift):
    edit(lift / "exercise.toml", '"easy"', '"esay"')
    assert "level: expected one of easy, medium, hard" in judge.judge(lift).trouble

    edit(lift / "exercise.toml", '"esay"', '"easy"')
    write(lift / "lift.py", REFERENCE)
    assert judge.judge(lift).report.passed


def test_warm_judge_has_the_visible_examples_too(warm, lift):
    write(lift / "lift.py", WRONG)

    [example] = warm.judge(lift).examples

    assert (example.name, example.outcome) == ("test_worked_example", Outcome.FAILED)
    assert "has wrong values" in example.message


def test_what_needs_no_measuring_is_told_before_the_rest(warm, root):
    pace = root / "exercises/pace"
    write(pace / "pace.py", PACE_REFERENCE)
    early = []

    whole = warm.judge(pace, early=early.append)

    assert [[*outcomes(each)] for each in early] == [["test_total"]]
    assert [*outcomes(whole)] == ["test_total", "test_no_loop_over_the_numbers"]
    assert whole.report.passed


def test_known_mistake_is_named_once_the_verdict_is_told(warm, root, lift):
    mistake = f'"""Twice is more."""\n\nCAUGHT_BY = ("test_values",)\n{WRONG}'
    write(root / "graders/lift/wrong/twice.py", mistake)
    write(lift / "lift.py", WRONG)
    early = []

    whole = warm.judge(lift, early=early.append)

    assert [each.report.result("test_values").diagnosis for each in early] == [""]
    assert whole.report.result("test_values").diagnosis == "Twice is more."
    assert [*outcomes(whole)] == [*outcomes(early[0])]


def test_nothing_is_told_early_where_there_is_nothing_more_to_say(warm, lift):
    write(lift / "lift.py", REFERENCE)
    early = []

    warm.judge(lift, early=early.append)

    assert early == []


def test_checks_that_changed_are_collected_again(warm, root, lift):
    write(lift / "lift.py", REFERENCE)
    assert outcomes(warm.judge(lift))["test_values"] is Outcome.PASSED
    edit(root / "graders/lift/test_lift.py", "secret_inputs + 0.5, what", "secret_inputs + 1.5, what")

    assert outcomes(warm.judge(lift))["test_values"] is Outcome.FAILED


def test_submission_that_dies_does_not_end_the_judge(warm, lift):
    edit(lift / "exercise.toml", 'allowed = ["numpy"]', 'allowed = ["numpy", "ctypes"]')
    write(lift / "lift.py", DEADLY)
    assert Outcome.KILLED in outcomes(warm.judge(lift)).values()

    write(lift / "lift.py", REFERENCE)
    assert warm.judge(lift).report.passed


def test_judge_whose_process_was_killed_says_so_and_starts_another(warm, lift):
    write(lift / "lift.py", REFERENCE)
    os.kill(warm._process.pid, signal.SIGKILL)
    warm._process.wait()

    assert warm.judge(lift).trouble.startswith("the process that judges ended; save again")
    assert warm.judge(lift).report.passed


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.03, 0.1])
def test_signal_to_give_up_that_nobody_asked_for_costs_one_verdict_at_most(warm, lift, seconds):
    """Whenever it comes, such as right after the last answer: the next run is judged by a grader that lives."""
    write(lift / "lift.py", REFERENCE)
    warm.prepare(lift)
    for _ in range(5):
        timer = threading.Timer(seconds, warm._process.send_signal, [GIVE_UP])
        timer.start()
        found = [warm.judge(lift)]
        timer.join()
        found += [warm.judge(lift), warm.judge(lift)]

        assert not [each.trouble for each in found if each is not None and each.trouble]
        assert found[-1].report.passed


def test_grader_that_was_killed_after_its_last_answer_is_replaced(lift):
    from mlkata import warm as module

    keeper = module._Keeper()
    write(lift / "lift.py", REFERENCE)
    answers = keeper.answers(lift, prepare=False)
    assert "report" in next(answers)
    keeper.give_up(GIVE_UP, None)  # before it is no longer busy
    assert list(answers) == []

    assert keeper._grader is None


def test_parts_of_two_versions_are_never_one_verdict(warm, lift):
    """The file is saved again between the early verdict and the rest."""
    write(lift / "lift.py", WRONG)
    early = []

    def save_again(verdict):
        early.append(verdict)
        write(lift / "lift.py", REFERENCE)

    assert warm.judge(lift, early=save_again) is None
    assert len(early) == 1
    assert warm.judge(lift).report.passed


def test_signal_to_give_up_that_comes_before_there_is_a_handler_kills_nothing(lift):
    if sys.platform != "linux":
        pytest.skip("the warm judge is for Linux alone")
    write(lift / "lift.py", REFERENCE)
    judge = WarmJudge()
    judge._process.send_signal(GIVE_UP)
    verdict = judge.judge(lift)
    judge.close()

    assert (verdict.trouble, verdict.report.passed) == ("", True)


def test_no_process_is_left(warm, lift):
    warm.prepare(lift)
    pid = warm._process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    assert children

    warm.close()

    until = time.monotonic() + 20
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < until, "a grader is left"
        time.sleep(0.01)


def test_pytest_itself_writes_down_what_a_fresh_run_came_to(root, lift):
    practice = Practice(root)
    write(practice.shipped, "")
    write(lift / "lift.py", REFERENCE)

    FreshJudge().judge(lift)

    assert FreshJudge.records
    assert len(journal.read(practice.journal).entries) == 1


@pytest.mark.parametrize(("platform", "kind"), [("linux", WarmJudge), ("darwin", FreshJudge), ("win32", FreshJudge)])
def test_other_systems_have_a_judge_that_needs_nothing_of_linux(platform, kind, monkeypatch):
    monkeypatch.setattr(WarmJudge, "_start", lambda self: None)
    monkeypatch.setattr(sys, "platform", platform)

    assert type(new_judge()) is kind
