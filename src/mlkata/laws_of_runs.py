"""The laws that an exercise's answers keep when they are graded: one function each, yielding what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mlkata import sources
from mlkata.automatic import AutomaticAnswer
from mlkata.cases import Graded
from mlkata.catalog import Exercise
from mlkata.report import Category, CheckResult, Outcome


@dataclass(frozen=True)
class Evidence:
    """What grading said of an exercise's answers.

    Attributes
    ----------
    stub, reference : Graded
    idle : Graded
        A submission that returns None from everything.
    right, wrong : mapping of Path to Graded
    automatic : mapping of AutomaticAnswer to Graded
    unwalled : mapping of Path to Graded
        The reference, right and wrong answers again, in the process of the checks, where the others were behind walls;
        empty otherwise.
    """

    exercise: Exercise
    stub: Graded
    reference: Graded
    idle: Graded
    right: Mapping[Path, Graded]
    wrong: Mapping[Path, Graded]
    automatic: Mapping[AutomaticAnswer, Graded]
    unwalled: Mapping[Path, Graded]


Law = Callable[[Evidence], Iterator[str]]


def stub_is_not_implemented(evidence: Evidence) -> Iterator[str]:
    """The stub can be imported, and every check says that it is not implemented yet."""
    for result in _graded(evidence.stub):
        if result.outcome is not Outcome.NOT_IMPLEMENTED:
            expected = f"expected {Outcome.NOT_IMPLEMENTED!s}{_why(result)}"
            yield f"{result.name} says {result.outcome!s} of the untouched stub: {expected}"


def nothing_passes_by_doing_nothing(evidence: Evidence) -> Iterator[str]:
    """Every check fails for a submission that returns None from everything."""
    for result in _graded(evidence.idle):
        if result.outcome is Outcome.PASSED:
            yield f"{result.name} passes for a submission that does nothing: let it look at a value as well"


def reference_passes(evidence: Evidence) -> Iterator[str]:
    """The reference passes every check and every visible example."""
    yield from _must_pass("the reference", evidence.reference)
    if not evidence.reference.examples:
        yield "there are no visible examples"
    for result in evidence.reference.examples:
        if result.outcome is not Outcome.PASSED:
            yield f"the reference does not pass the visible example {result.name}{_why(result)}"


def right_answers_pass(evidence: Evidence) -> Iterator[str]:
    """Each right answer passes every check, with a seed of its own."""
    for path, graded in evidence.right.items():
        yield from _must_pass(f"right/{path.name} (seed {graded.case.seed})", graded)


def wrong_answers_fail_where_they_say(evidence: Evidence) -> Iterator[str]:
    """Each wrong answer fails the checks that it names and passes at least one."""
    for path, graded in evidence.wrong.items():
        outcomes = {result.name: result.outcome for result in _graded(graded)}
        for name in sources.caught_by(path):
            if outcomes.get(name) is Outcome.PASSED:
                yield f"wrong/{path.name} passes {name}, which it names in CAUGHT_BY: sharpen the check"
        odd = {name: outcome for name, outcome in outcomes.items() if outcome not in _PLAIN}
        for name, outcome in odd.items():
            yield f"wrong/{path.name} ends {name} with {outcome!s}: expected passed or failed"
        if Outcome.PASSED not in outcomes.values():
            yield f"wrong/{path.name} passes no check at all: it must differ from the reference by one idea"


def automatic_answers_fail(evidence: Evidence) -> Iterator[str]:
    """Each automatic wrong answer fails a check, or is waived in the grader's WAIVED with a reason."""
    waived = sources.constant(evidence.exercise.grader, "WAIVED") or {}
    if not isinstance(waived, dict):
        yield f'expected WAIVED = {{"idea:entry": "the reason"}}, found {waived!r}'
        waived = {}
    if any(result.outcome is not Outcome.PASSED for result in _graded(evidence.reference)):
        return  # what is done to a reference that fails tells nothing
    for answer, graded in evidence.automatic.items():
        passes = all(result.outcome is Outcome.PASSED for result in _graded(graded))
        if not graded.applied:
            if answer.name.startswith("ignores_") and answer.name not in waived:
                option = answer.name.removeprefix("ignores_").replace(":", " of ")
                yield f"no check gives {option} another value than its default"
        elif passes and answer.name not in waived:
            yield f"every check passes though {answer.what}: add a check, or waive {answer.name!r} with a reason"
        elif not passes and answer.name in waived:
            yield f"WAIVED names {answer.name!r}, which fails a check anyway: take it out"
    known = {answer.name for answer in evidence.automatic}
    for name, reason in waived.items():
        if name not in known:
            yield f"WAIVED names {name!r}, which is no automatic wrong answer of this exercise"
        if not str(reason).strip():
            yield f"WAIVED gives no reason for {name!r}"


def walls_change_nothing(evidence: Evidence) -> Iterator[str]:
    """Each answer passes and fails the same checks behind walls and without."""
    walled = {evidence.exercise.reference: evidence.reference, **evidence.right, **evidence.wrong}
    for path, graded in evidence.unwalled.items():
        inside = {result.name: result for result in _graded(walled[path])}
        for result in _graded(graded):
            other = inside.get(result.name, result)
            if (result.outcome is Outcome.PASSED) is not (other.outcome is Outcome.PASSED):
                name = f"{path.parent.name}/{path.name}, {result.name}"
                yield f"{name}: {other.outcome!s} behind walls{_why(other)}, {result.outcome!s} without{_why(result)}"


def limits_are_proved(evidence: Evidence) -> Iterator[str]:
    """What is right stays clearly under every limit, and what is slow clearly over: by a factor of two, as a rule."""
    answers = {"the reference": evidence.reference} | {
        f"right/{path.name}": graded for path, graded in evidence.right.items()
    }
    for name, graded in answers.items():
        for result in graded.report.checks:
            for part in result.measurements:
                if part.value > part.limit / part.margin:
                    most = part.limit / part.margin
                    proof = f"too near to the limit {part.limit:.3g}: at most {most:.3g} proves it"
                    yield f"{name}, {result.name}: {part.what} is {part.value:.3g}, {proof}"
    for path, graded in evidence.wrong.items():
        if path.stem.startswith("slow"):
            for result in _graded(graded):
                if result.name in sources.caught_by(path):
                    yield from _slow_enough(path, result)


LAWS: tuple[Law, ...] = (
    stub_is_not_implemented,
    nothing_passes_by_doing_nothing,
    reference_passes,
    right_answers_pass,
    wrong_answers_fail_where_they_say,
    automatic_answers_fail,
    walls_change_nothing,
    limits_are_proved,
)

_PLAIN = (Outcome.PASSED, Outcome.FAILED)


def _slow_enough(path: Path, result: CheckResult) -> Iterator[str]:
    if result.category is Category.PERFORMANCE and not result.measurements:
        yield f"wrong/{path.name} was not measured by {result.name}{_why(result)}: it must be right, and slow"
    for part in result.measurements:
        if part.value < part.limit * part.margin:
            least = part.limit * part.margin
            proof = f"too near to the limit {part.limit:.3g}: at least {least:.3g} proves it"
            yield f"wrong/{path.name}, {result.name}: {part.what} is {part.value:.3g}, {proof}"


def _must_pass(name: str, graded: Graded) -> Iterator[str]:
    if not graded.report.checks:
        yield f"{name} was judged by no check"
    for result in _graded(graded):
        if result.outcome is not Outcome.PASSED:
            yield f"{name} does not pass {result.name}: {result.outcome!s}{_why(result)}"


def _graded(graded: Graded) -> Iterator[CheckResult]:
    return (result for result in graded.report.checks if result.graded)


def _why(result: CheckResult) -> str:
    return f" ({result.note})" if result.note else ""
