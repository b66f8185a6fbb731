"""Each law of an exercise's answers is silent where it is kept, and names the answer and the check where it is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from toy import edit, toy_catalogue, write

from mlkata import laws_of_runs
from mlkata.automatic import AutomaticAnswer
from mlkata.cases import Case, Graded
from mlkata.catalog import Catalog
from mlkata.laws_of_runs import Evidence
from mlkata.report import Category, CheckResult, Measurement, Outcome, Report

PASSED, FAILED, UNWRITTEN = Outcome.PASSED, Outcome.FAILED, Outcome.NOT_IMPLEMENTED


def graded(outcomes, *, path=Path("a.py"), seed=0, examples=(), applied=True):
    """What grading said, from the outcomes of checks by name."""
    checks = tuple(result(name, outcome) for name, outcome in outcomes.items())
    return Graded(
        Case(path.name, path, seed=seed), Report("double", str(path), seed, "cpu", {}, checks), tuple(examples), applied
    )


def result(name, outcome, *, category=Category.CORRECTNESS, note="", measured=()):
    return CheckResult(name, category, outcome, note=note, measurements=tuple(measured))


def measured(name, value, limit, margin=2.0, outcome=PASSED):
    """What grading said, of one check that measured."""
    part = Measurement("CPU time", value, limit, margin)
    whole = graded({})
    return replace(whole, report=replace(whole.report, checks=(result(name, outcome, measured=[part]),)))


@pytest.fixture
def exercise(tmp_path):
    return Catalog(toy_catalogue(tmp_path)).exercise("double")


@pytest.fixture
def evidence(exercise):
    """Of two checks, with answers that do what they must."""
    loop = exercise.grader_folder / "right/loop.py"
    wrong = write(exercise.grader_folder / "wrong/once.py", '"""Once."""\n\nCAUGHT_BY = ("test_b",)\n')
    return Evidence(
        exercise,
        stub=graded({"test_a": UNWRITTEN, "test_b": UNWRITTEN}),
        reference=graded({"test_a": PASSED, "test_b": PASSED}, examples=[result("test_example", PASSED)]),
        idle=graded({"test_a": FAILED, "test_b": FAILED}),
        right={loop: graded({"test_a": PASSED, "test_b": PASSED}, path=loop, seed=1)},
        wrong={wrong: graded({"test_a": PASSED, "test_b": FAILED}, path=wrong)},
        automatic={answer("returns_zeros"): graded({"test_a": FAILED, "test_b": PASSED})},
        unwalled={
            exercise.reference: graded({"test_a": PASSED}, path=exercise.reference),
            wrong: graded({"test_a": PASSED, "test_b": FAILED}, path=wrong),
        },
    )


def answer(idea):
    return AutomaticAnswer(f"{idea}:double", f"double does {idea}", "")


def waive(evidence, text):
    path = evidence.exercise.grader
    write(path, f"{path.read_text()}\n\nWAIVED = {text}\n")


def said(law, evidence):
    return list(getattr(laws_of_runs, law)(evidence))


def wrong_with(evidence, outcomes):
    [path] = evidence.wrong
    return replace(evidence, wrong={path: graded(outcomes, path=path)})


def automatic_with(evidence, idea, *outcomes, applied=True):
    found = graded({f"test_{number}": outcome for number, outcome in enumerate(outcomes)}, applied=applied)
    return replace(evidence, automatic={answer(idea): found})


@pytest.mark.parametrize("outcome", [FAILED, Outcome.KILLED, Outcome.TIMED_OUT])
def test_walls_may_not_change_what_passes(evidence, outcome):
    path = evidence.exercise.reference
    evidence = replace(evidence, unwalled={path: graded({"test_a": outcome, "test_b": PASSED}, path=path)})

    assert said("walls_change_nothing", evidence) == [
        f"solutions/double.py, test_a: passed behind walls, {outcome} without"
    ]


@pytest.mark.parametrize(("inside", "outside"), [(FAILED, FAILED), (FAILED, Outcome.KILLED), (PASSED, None)])
def test_walls_may_change_how_a_check_fails_and_which_are_run(evidence, inside, outside):
    path = evidence.exercise.reference
    evidence = replace(
        evidence,
        reference=graded({"test_a": inside}),
        unwalled={path: graded({"test_c": PASSED} if outside is None else {"test_a": outside}, path=path)},
    )

    assert said("walls_change_nothing", evidence) == []


@pytest.mark.parametrize("law", laws_of_runs.LAWS, ids=lambda law: law.__name__)
def test_sound_answers_keep_the_law(evidence, law):
    assert list(law(evidence)) == []


@pytest.mark.parametrize("outcome", [PASSED, FAILED, Outcome.NOT_LOADED, Outcome.REFUSED, Outcome.KILLED])
def test_stub_must_say_that_it_is_not_implemented(evidence, outcome):
    evidence = replace(evidence, stub=graded({"test_a": UNWRITTEN, "test_b": outcome}))

    assert said("stub_is_not_implemented", evidence) == [
        f"test_b says {outcome!s} of the untouched stub: expected not implemented"
    ]


def test_why_the_stub_ended_so_is_said(evidence):
    whole = graded({})
    check = result("test_a", Outcome.NOT_LOADED, note="line 3: no such name")
    evidence = replace(evidence, stub=replace(whole, report=replace(whole.report, checks=(check,))))

    assert said("stub_is_not_implemented", evidence) == [
        "test_a says does not load of the untouched stub: expected not implemented (line 3: no such name)"
    ]


def test_check_that_does_not_count_is_passed_over(evidence):
    skipped = {"test_a": PASSED, "test_b": FAILED, "test_c": Outcome.NOT_GRADED}
    evidence = replace(evidence, stub=graded({"test_a": UNWRITTEN, "test_c": Outcome.NOT_GRADED}))
    evidence = replace(
        evidence, reference=replace(evidence.reference, report=graded(skipped | {"test_b": PASSED}).report)
    )

    assert said("stub_is_not_implemented", evidence) == []
    assert said("reference_passes", evidence) == []
    assert said("wrong_answers_fail_where_they_say", wrong_with(evidence, skipped)) == []


def test_check_that_passes_for_doing_nothing_is_told(evidence):
    evidence = replace(evidence, idle=graded({"test_a": FAILED, "test_b": PASSED}))

    assert said("nothing_passes_by_doing_nothing", evidence) == [
        "test_b passes for a submission that does nothing: let it look at a value as well"
    ]


def test_reference_must_pass_every_check(evidence):
    evidence = replace(
        evidence, reference=graded({"test_a": PASSED, "test_b": FAILED}, examples=evidence.reference.examples)
    )

    assert said("reference_passes", evidence) == ["the reference does not pass test_b: failed"]


def test_reference_must_pass_the_visible_examples(evidence):
    outcomes = {"test_a": PASSED}
    examples = [result("test_example", FAILED, note="6 is wrong")]
    evidence = replace(evidence, reference=graded(outcomes, examples=examples))

    assert said("reference_passes", evidence) == [
        "the reference does not pass the visible example test_example (6 is wrong)"
    ]


def test_there_must_be_checks_and_examples(evidence):
    evidence = replace(evidence, reference=graded({}))

    assert said("reference_passes", evidence) == [
        "the reference was judged by no check",
        "there are no visible examples",
    ]


def test_right_answer_must_pass_and_is_told_with_its_seed(evidence):
    [path] = evidence.right
    evidence = replace(evidence, right={path: graded({"test_a": Outcome.TIMED_OUT}, path=path, seed=4)})

    assert said("right_answers_pass", evidence) == ["right/loop.py (seed 4) does not pass test_a: timed out"]


def test_wrong_answer_must_fail_what_it_names(evidence):
    evidence = wrong_with(evidence, {"test_a": PASSED, "test_b": PASSED})

    assert said("wrong_answers_fail_where_they_say", evidence) == [
        "wrong/once.py passes test_b, which it names in CAUGHT_BY: sharpen the check"
    ]


def test_wrong_answer_must_pass_something(evidence):
    evidence = wrong_with(evidence, {"test_a": FAILED, "test_b": FAILED})

    assert said("wrong_answers_fail_where_they_say", evidence) == [
        "wrong/once.py passes no check at all: it must differ from the reference by one idea"
    ]


@pytest.mark.parametrize(
    "outcome",
    [Outcome.KILLED, Outcome.TIMED_OUT, Outcome.NOT_LOADED, UNWRITTEN, Outcome.HARNESS_ERROR, Outcome.NONSENSE],
)
def test_wrong_answer_must_fail_plainly(evidence, outcome):
    evidence = wrong_with(evidence, {"test_a": PASSED, "test_b": outcome})

    assert said("wrong_answers_fail_where_they_say", evidence) == [
        f"wrong/once.py ends test_b with {outcome!s}: expected passed or failed"
    ]


def test_wrong_answer_that_names_nothing_readable_is_left_to_the_law_of_its_text(evidence):
    [path] = evidence.wrong
    write(path, "CAUGHT_BY = 3\n")

    assert said("wrong_answers_fail_where_they_say", evidence) == []


def test_automatic_answer_that_passes_everything_is_told(evidence):
    evidence = automatic_with(evidence, "casts_to_int", PASSED, PASSED)

    assert said("automatic_answers_fail", evidence) == [
        "every check passes though double does casts_to_int: add a check, or waive 'casts_to_int:double' with a reason"
    ]


def test_automatic_answer_that_is_waived_may_pass(evidence):
    evidence = automatic_with(evidence, "casts_to_int", PASSED)
    waive(evidence, '{"casts_to_int:double": "all numbers are whole"}')

    assert said("automatic_answers_fail", evidence) == []


@pytest.mark.parametrize("idea", ["clears_nan", "ignores_times"])
def test_waived_answer_without_occasion_is_left_alone(evidence, idea):
    evidence = automatic_with(evidence, idea, PASSED, applied=False)
    waive(evidence, f'{{"{idea}:double": "there is no occasion"}}')

    assert said("automatic_answers_fail", evidence) == []


def test_idea_without_occasion_is_no_fault(evidence):
    assert said("automatic_answers_fail", automatic_with(evidence, "clears_nan", PASSED, applied=False)) == []


def test_option_without_occasion_is_told(evidence):
    evidence = automatic_with(evidence, "ignores_times", PASSED, applied=False)

    assert said("automatic_answers_fail", evidence) == ["no check gives times of double another value than its default"]


def test_automatic_answers_tell_nothing_of_a_reference_that_fails(evidence):
    evidence = automatic_with(evidence, "ignores_times", PASSED, applied=False)
    evidence = replace(evidence, reference=graded({"test_a": FAILED, "test_b": PASSED}))

    assert said("automatic_answers_fail", evidence) == []


def test_option_that_makes_an_answer_die_was_given(evidence):
    evidence = automatic_with(evidence, "ignores_times", Outcome.KILLED)

    assert said("automatic_answers_fail", evidence) == []


@pytest.mark.parametrize(
    ("waived", "text"),
    [
        (
            '{"returns_zeros:double": "why not"}',
            "WAIVED names 'returns_zeros:double', which fails a check anyway: take it out",
        ),
        (
            '{"shuffles:double": "why not"}',
            "WAIVED names 'shuffles:double', which is no automatic wrong answer of this exercise",
        ),
        (
            '["returns_zeros:double"]',
            'expected WAIVED = {"idea:entry": "the reason"}, found [\'returns_zeros:double\']',
        ),
        (
            '{"returns_zeros:double": REASON}',
            'expected WAIVED = {"idea:entry": "the reason"}, found "{\'returns_zeros:double\': REASON}"',
        ),
    ],
)
def test_waiver_that_is_none_is_told(evidence, waived, text):
    waive(evidence, waived)

    assert said("automatic_answers_fail", evidence) == [text]


@pytest.mark.parametrize("reason", ["", "  "])
def test_waiver_without_a_reason_is_told(evidence, reason):
    evidence = automatic_with(evidence, "casts_to_int", PASSED)
    waive(evidence, f'{{"casts_to_int:double": "{reason}"}}')

    assert said("automatic_answers_fail", evidence) == ["WAIVED gives no reason for 'casts_to_int:double'"]


@pytest.mark.parametrize(("value", "margin", "is_proved"), [(4.0, 2.0, True), (4.1, 2.0, False), (5.0, 1.6, True)])
def test_what_is_right_must_stay_under_the_limit_by_its_margin(evidence, value, margin, is_proved):
    [path] = evidence.right
    found = measured("test_speed", value, 8.0, margin)

    for others, name in (({"reference": found}, "the reference"), ({"right": {path: found}}, "right/loop.py")):
        texts = said("limits_are_proved", replace(evidence, **others))

        expected = f"{name}, test_speed: CPU time is {value:.3g}, too near to the limit 8: at most 4 proves it"
        assert texts == ([] if is_proved else [expected])


@pytest.mark.parametrize(("value", "is_proved"), [(16.0, True), (15.9, False)])
def test_what_is_slow_must_go_over_the_limit_by_its_margin(evidence, exercise, value, is_proved):
    slow = write(exercise.grader_folder / "wrong/slow_loop.py", 'CAUGHT_BY = ("test_speed",)\n')
    evidence = replace(evidence, wrong={slow: measured("test_speed", value, 8.0, outcome=FAILED)})

    expected = "wrong/slow_loop.py, test_speed: CPU time is 15.9, too near to the limit 8: at least 16 proves it"
    assert said("limits_are_proved", evidence) == ([] if is_proved else [expected])


def test_what_is_slow_must_have_been_measured(evidence, exercise):
    slow = write(exercise.grader_folder / "wrong/slow.py", 'CAUGHT_BY = ("test_speed", "test_value")\n')
    whole = graded({})
    checks = (
        result("test_speed", FAILED, category=Category.PERFORMANCE, note="the answer has wrong values"),
        result("test_value", FAILED),
    )
    evidence = replace(evidence, wrong={slow: replace(whole, report=replace(whole.report, checks=checks))})

    assert said("limits_are_proved", evidence) == [
        "wrong/slow.py was not measured by test_speed (the answer has wrong values): it must be right, and slow"
    ]


def test_only_slow_answers_go_over_the_limits_that_they_name(evidence, exercise):
    other = write(exercise.grader_folder / "wrong/slow.py", 'CAUGHT_BY = ("test_memory",)\n')
    [once] = evidence.wrong
    edit(once, "test_b", "test_speed")
    near = measured("test_speed", 9.0, 8.0, outcome=FAILED)

    assert said("limits_are_proved", replace(evidence, wrong={once: near, other: near})) == []
