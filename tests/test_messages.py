"""What a learner is told: whose fault it is, what is broken, and no more than they are to see."""

from __future__ import annotations

import importlib.util
import linecache
from pathlib import Path

import numpy as np
import pytest
from toy import load_request

from mlkata.compare import Mismatch, raises
from mlkata.errors import CatalogError, DoesNotLoad, HarnessError, RefusedByRules, WireError, WorkerLost
from mlkata.links import LocalLink
from mlkata.messages import Failure, Show, judge, own_frames, tell
from mlkata.report import Outcome
from mlkata.submission import Call, Submission

SOURCE = """
def f(x):
    return helper(x)

def helper(x):
    raise ValueError(f"bad {x}")

def todo():
    raise NotImplementedError("implement todo")

def gives(x):
    return x
"""

GRADER = """
from mlkata.compare import assert_close, raises

def values(submission):
    SECRET = [1.5, 2.5]
    assert_close(submission.gives([1.5, 7.25]), SECRET, what="the loss")

def raised(submission):
    SECRET = submission.f(41)

def shape(submission):
    SECRET = submission.gives([1.0]).shape

def other_exception(submission):
    with raises(TypeError, when="SECRET is empty" and "x is empty"):
        submission.f(41)

def plain_assert(submission):
    SECRET = 41
    assert submission.gives(3) == SECRET

def own_fault(submission):
    SECRET = {}["key"]
"""


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "answer.py"
    path.write_text(SOURCE)
    return path


@pytest.fixture
def submission(path):
    link = LocalLink(str(path))
    link.ask(load_request(path))
    return Submission(link, ("f", "todo", "gives"))


@pytest.fixture
def grader(tmp_path):
    file = tmp_path / "test_toy.py"
    file.write_text(GRADER)
    spec = importlib.util.spec_from_file_location("toy_grader", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def caught(function, *args):
    with pytest.raises(BaseException) as info:  # noqa: PT011
        function(*args)
    return info.value


CALL = Call("f", (1,), {})


def judged(error, *, calls=(CALL,), path=Path("answer.py")):
    return judge(error, calls=calls, path=path, seconds=20.0)


DOOMED = {
    "does not load": (DoesNotLoad("a.py, line 3: invalid syntax"), Outcome.NOT_LOADED, "a.py, line 3: invalid syntax"),
    "refused": (RefusedByRules("line 1: os may not be imported"), Outcome.REFUSED, "line 1: os may not be imported"),
    "died": (WorkerLost("the process died"), Outcome.KILLED, "the process died"),
    "hung": (WorkerLost("no answer", "timed out"), Outcome.TIMED_OUT, "no answer"),
    "nonsense": (WorkerLost("nonsense", "spoke nonsense"), Outcome.NONSENSE, "nonsense"),
    "property": (Mismatch("the loss must fall", ["3, then 4"]), Outcome.FAILED, "the loss must fall"),
    "assertion": (AssertionError("not so"), Outcome.FAILED, "not so"),
    "bare assertion": (AssertionError(), Outcome.FAILED, "an assertion does not hold"),
    "long assertion": (AssertionError("x" * 5000), Outcome.FAILED, "x" * 999 + "…"),
}


@pytest.mark.parametrize(("error", "outcome", "broken"), DOOMED.values(), ids=DOOMED)
def test_every_end_of_a_check_has_its_outcome(error, outcome, broken):
    failure = judged(error)

    assert (failure.outcome, failure.broken) == (outcome, broken)


def test_details_of_a_mismatch_are_kept():
    assert judged(Mismatch("the loss must fall", ["3, then 4"])).details == ("3, then 4",)


def test_exception_of_the_submission_is_told_with_its_lines(submission):
    failure = judged(caught(submission.f, 41))

    assert failure == Failure(
        Outcome.FAILED,
        "your code raised ValueError",
        ("bad 41",),
        ((3, "f", "return helper(x)"), (6, "helper", 'raise ValueError(f"bad {x}")')),
    )


def test_long_message_of_an_exception_is_shortened(submission):
    assert len(judged(caught(submission.f, "x" * 5000)).details[0]) == 500


def test_stub_is_not_implemented(submission):
    failure = judged(caught(submission.todo))

    assert failure.outcome is Outcome.NOT_IMPLEMENTED
    assert failure.details == ("implement todo",)


def test_another_exception_than_asked_for_is_told_with_its_lines(submission, grader):
    failure = judged(caught(grader.other_exception, submission))

    assert failure.outcome is Outcome.FAILED
    assert failure.broken == "TypeError must be raised when x is empty; another exception was"
    assert [name for _, name, _ in failure.frames] == ["f", "helper"]


def test_result_that_a_check_cannot_read_is_the_learners(submission, grader):
    error = caught(grader.shape, submission)
    failure = judged(error, calls=submission.history())

    assert failure.outcome is Outcome.FAILED
    assert failure.broken == "what gives returned does not have the form that the prompt describes"
    assert failure.details == ("AttributeError: 'list' object has no attribute 'shape'",)


OURS = [
    *(CatalogError("a", expected="b", found="c", todo="d"), HarnessError("x"), WireError("no plain data")),
]


@pytest.mark.parametrize("error", OURS, ids=lambda error: type(error).__name__)
def test_fault_of_the_check_is_not_the_learners(error):
    failure = judged(error)

    assert failure.outcome is Outcome.HARNESS_ERROR
    assert failure.broken == f"the check itself is broken ({type(error).__name__}: {error}); please report it"


def test_fault_before_any_call_is_not_the_learners(submission, grader):
    assert judged(caught(grader.own_fault, submission), calls=[]).outcome is Outcome.HARNESS_ERROR


def test_argument_of_the_check_that_cannot_cross_is_not_the_learners(submission):
    error = caught(submission.gives, object())

    assert judged(error, calls=submission.history()).outcome is Outcome.HARNESS_ERROR


def test_end_of_a_checks_time_is_told_with_the_line_that_ran(path):
    namespace = {}
    exec(compile("def loop(f):\n    while True:\n        f()\n", str(path), "exec"), namespace)
    path.write_text("def loop(f):\n    while True:\n        f()\n")
    linecache.checkcache(str(path))
    error = caught(namespace["loop"], lambda: pytest.fail("Timeout (>20.0s) from pytest-timeout."))
    failure = judged(error, path=path)

    assert failure.outcome is Outcome.TIMED_OUT
    assert failure.broken == "the check did not end within 20 s: is there an endless loop?"
    assert failure.frames == ((3, "loop", "f()"),)


def test_own_frames_are_the_last_three(path):
    namespace = {}
    exec(compile("def f(n):\n    return 1 / n if not n else f(n - 1)\n", str(path), "exec"), namespace)

    assert [frame[:2] for frame in own_frames(caught(namespace["f"], 6), path)] == [(2, "f")] * 3
    assert own_frames(caught(namespace["f"], 6), Path("other.py")) == ()


def test_what_pytest_says_of_a_missing_exception_is_put_plainly():
    def nothing_raised():
        with pytest.raises(ValueError, match="x"):
            pass

    failure = judged(caught(nothing_raised))

    assert failure.outcome is Outcome.FAILED
    assert failure.broken.startswith("nothing was raised; expected")
    assert "ValueError" in failure.broken


FAILURE = Failure(Outcome.FAILED, "the loss has wrong values", ("got 7.25, expected 2.5 at index 1", "1 of 2 values"))
RAISED = Failure(Outcome.FAILED, "your code raised ValueError", ("bad 41",), ((3, "f", "return helper(x)"),))


SHOWN = Call("f", (np.array([8.5]),), {"gamma": 9.5})


def told(failure, show, *, calls=(SHOWN,), conventions=()):
    return tell(
        failure,
        sentence="The loss of each sample.",
        calls=calls,
        conventions=conventions,
        repeat="0  (repeat: pytest x)",
        show=show,
    )


def test_full_text():
    assert told(FAILURE, Show.FULL, conventions=("Gamma", "Dtype")).splitlines() == [
        "The loss of each sample.",
        "",
        "  call      f(array(shape=(1,), float64, [8.5]), gamma=9.5)",
        "  broken    the loss has wrong values",
        "            got 7.25, expected 2.5 at index 1",
        "            1 of 2 values",
        "  see       README.md, Conventions: Gamma, Dtype",
        "  seed      0  (repeat: pytest x)",
    ]


def test_exception_is_shown_with_the_learners_lines():
    assert told(RAISED, Show.FULL).splitlines()[3:] == [
        "  broken    your code raised ValueError",
        "            bad 41",
        "  your code line 3, in f: return helper(x)",
        "  seed      0  (repeat: pytest x)",
    ]


def test_call_shows_what_was_given_but_not_what_is_expected():
    text = told(FAILURE, Show.CALL)

    assert "gamma=9.5" in text
    assert "2.5 at" not in text
    assert "7.25" not in text


def test_property_shows_no_values():
    text = told(FAILURE, Show.PROPERTY)

    assert text.splitlines() == [
        "The loss of each sample.",
        "",
        "  broken    the loss has wrong values",
    ]


@pytest.mark.parametrize("show", list(Show))
def test_lines_of_an_own_exception_are_shown_at_every_level(show):
    assert "line 3, in f: return helper(x)" in told(RAISED, show)


@pytest.mark.parametrize("show", list(Show))
def test_text_of_an_exception_could_tell_hidden_inputs(show):
    assert ("bad 41" in told(RAISED, show)) is (show is not Show.PROPERTY)


@pytest.mark.parametrize("show", list(Show))
def test_seed_would_make_the_hidden_inputs_again(show):
    assert ("seed" in told(RAISED, show)) is (show is not Show.PROPERTY)


def test_only_the_last_call_is_shown():
    text = told(FAILURE, Show.FULL, calls=(Call("first", (), {}), Call("last", (), {})))

    assert "last()" in text
    assert "first" not in text


def test_no_call_is_shown_where_there_was_none():
    assert "  call" not in told(FAILURE, Show.FULL, calls=())


def test_long_call_and_sentence_are_indented():
    lines = told(FAILURE, Show.FULL, calls=(Call("f", ("x" * 80, "y" * 80), {}),)).splitlines()

    assert lines[2] == "  call      f("
    assert lines[3].startswith("                'xxx")
    assert lines[5] == "            )"


CHECKS = ("values", "raised", "shape", "other_exception", "plain_assert", "own_fault")


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("show", list(Show))
def test_no_line_of_the_grader_is_shown(submission, grader, path, check, show):
    submission.gives(0)
    error = caught(getattr(grader, check), submission)
    failure = judge(error, calls=submission.history(), path=path, seconds=20.0)
    text = told(failure, show, calls=submission.history())

    assert "SECRET" not in text
    assert "test_toy" not in text


def test_property_of_a_real_check_shows_no_values(submission, grader, path):
    error = caught(grader.values, submission)
    failure = judge(error, calls=submission.history(), path=path, seconds=20.0)
    text = told(failure, Show.PROPERTY, calls=submission.history())

    assert "the loss has wrong values" in text
    assert not any(value in text for value in ("1.5", "2.5", "7.25"))
    assert "got 7.25, expected 2.5 at index 1" in told(failure, Show.FULL)


def test_raises_is_judged_by_what_was_raised(submission):
    def check():
        with raises(ValueError, when="x"):
            submission.todo()

    assert judged(caught(check)).outcome is Outcome.NOT_IMPLEMENTED
