"""One exercise within one pytest session: its submission, its checks, and what they said."""

from __future__ import annotations

import hashlib
import inspect
import json
import re
import shlex
import signal
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from mlkata import messages, reveal
from mlkata.bench import Subject
from mlkata.catalog import Exercise, read_exercise
from mlkata.diagnosis import Suspect, Suspects, choose
from mlkata.errors import CatalogError, DoesNotLoad, SubmissionFault, WorkerLost
from mlkata.links import SocketLink
from mlkata.loading import load_local, load_walled
from mlkata.measure import Measure, available
from mlkata.report import Category, CheckResult, Measurement, Outcome, Report, summary_line
from mlkata.runner import IMPORTS_OF_A_CALL, Runner, imports_of
from mlkata.submission import Submission, seed_generators

SAID_ONCE = (Outcome.NOT_IMPLEMENTED, Outcome.NOT_LOADED, Outcome.REFUSED, Outcome.HARNESS_ERROR)


@dataclass
class ExerciseRun:
    """The exercise, where its submission lies, and what is made for it on the way.

    Attributes
    ----------
    sandbox : Runner or None
        Where the submission's workers come from; without one it lives in this process.
    n_checks : int
        How many checks the grader has, once it is imported; a run may have been asked for some of them.
    diagnose : bool
        Whether checks that fail are repeated with the known wrong answers.
    """

    exercise: Exercise
    path: Path
    config: pytest.Config
    obey_rules: bool = True
    sandbox: Runner | None = None
    n_checks: int = 0
    diagnose: bool = True
    _submission: Submission | None = None
    _link: SocketLink | None = None
    _fault: SubmissionFault | WorkerLost | None = None
    _runner: Runner | None = None
    _suspects: Suspects | None = None

    @classmethod
    def start(cls, config: pytest.Config, visible: Path) -> ExerciseRun:
        """Read the exercise; where it measures, fork its runner now, before any operation has run."""
        exercise = read_exercise(visible.parent)
        chosen = config.getoption("submission")
        run = cls(exercise, Path(chosen) if chosen else exercise.stub, config)
        measures = exercise.grader.is_file() and "measure" in exercise.grader.read_text(encoding="utf-8")
        if measures and not available() and not config.option.collectonly and not hasattr(config, "workerinput"):
            run._runner = Runner.start(run._imports(), fork=True, late=IMPORTS_OF_A_CALL.get(exercise.kind, ()))
        return run

    def submission(self) -> Submission:
        """The submission, loaded once, and again where its worker was lost.

        Raises
        ------
        SubmissionFault
            It does not load, which is remembered.
        """
        if self._fault is not None:
            raise self._fault.with_traceback(None)  # else it would grow with each check
        if self._link is not None and self._link.is_lost:
            self._link.close()
            self._submission = self._link = None
        if self._submission is None:
            try:
                self._submission = self._load()
            except (SubmissionFault, WorkerLost) as fault:
                self._fault = fault
                raise
            except pytest.fail.Exception as timeout:
                self._fault = self._endless_import(timeout)
                raise self._fault from None
        return self._submission

    def _load(self) -> Submission:
        if self.sandbox is None:
            debugged = bool(self.config.getoption("usepdb"))
            return load_local(self.exercise, self.path, obey_rules=self.obey_rules, keep_frames=debugged)
        seconds = self.exercise.limits.seconds
        loaded, self._link = load_walled(
            self.exercise, self.path, self.sandbox, seconds=seconds, obey_rules=self.obey_rules
        )
        return loaded

    def runner(self) -> Runner:
        """Where measured workers come from; under xdist it is started when it is first needed."""
        if self._runner is None:
            late = IMPORTS_OF_A_CALL.get(self.exercise.kind, ())
            self._runner = Runner.start(self._imports(), fork=False, late=late)
        return self._runner

    @contextmanager
    def stand_still(self) -> Iterator[None]:
        """The submission's own worker is stopped meanwhile."""
        if self._link is None:
            yield
            return
        self._link.process.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._link.process.signal(signal.SIGCONT)

    def calls(self) -> list[Any]:
        """What the running check has asked of the submission."""
        return self._submission.history() if self._submission else []

    def forget_calls(self) -> None:
        """Begin a new history of calls."""
        if self._submission:
            self._submission.forget()

    def suspects(self) -> Suspects:
        """The known wrong answers."""
        self._suspects = self._suspects or Suspects(self.exercise)
        return self._suspects

    def close(self) -> None:
        """End the runner."""
        if self._suspects is not None:
            self._suspects.close()
        if self._runner is not None:
            self._runner.close()

    def _imports(self) -> tuple[str, ...]:
        return imports_of(self.exercise.kind, self.exercise.allowed)

    def _endless_import(self, timeout: BaseException) -> DoesNotLoad:
        """What pytest-timeout's exception means while the file is imported: no check needs to wait for that again."""
        where = "".join(f", line {number} ({line})" for number, _, line in messages.own_frames(timeout, self.path)[-1:])
        limit = f"{self.exercise.limits.seconds:g} s"
        return DoesNotLoad(
            f"{self.path}{where}: importing the file did not end within {limit}: is there an endless loop?"
        )


@dataclass
class Check:
    """One test function of an exercise."""

    run: ExerciseRun
    name: str
    category: str
    sentence: str
    conventions: tuple[str, ...]
    item: pytest.Item
    measurements: list[Measurement] = field(default_factory=list)
    alike: list[Suspect] | None = None

    @property
    def function(self) -> str:
        """The name of the test function, which the cases of a parametrised one share."""
        return self.name.partition("[")[0]

    @property
    def result_category(self) -> Category:
        """The category in results, which a visible example has none of."""
        return Category(self.category or Category.CORRECTNESS)

    def begin(self) -> None:
        """Forget what an earlier check left."""
        self.run.forget_calls()
        self.measurements.clear()
        self.alike = None

    def submission(self) -> Submission:
        """The submission, whose global generators are seeded from the run's seed and the check's name."""
        loaded = self.run.submission()
        self._seed_generators(loaded)
        return loaded

    def _seed_generators(self, submission: Submission) -> None:
        # The run's seed cannot be found by trying: each try takes as long as this.
        digest = hashlib.pbkdf2_hmac("sha256", str(self._seed()).encode(), self.name.encode(), 1000, 4)
        seed_generators(submission, int.from_bytes(digest))

    def rng(self) -> Any:
        """A numpy Generator seeded from the run's seed and the check's name."""
        import numpy as np

        return np.random.default_rng([self._seed(), zlib.crc32(self.name.encode())])

    def torch_rng(self) -> Any:
        """The same for torch, on the CPU."""
        import torch

        # Of a number torch takes the lower 32 bits alone, so all of the seed and of the name must be in these.
        digest = hashlib.sha256(f"{self._seed()} {self.name}".encode()).digest()
        return torch.Generator().manual_seed(int.from_bytes(digest[:4]))

    def measure(self) -> Measure:
        """What the fixture `measure` gives."""
        submission = self.run.submission()
        exercise = self.run.exercise
        if not exercise.reference.is_file():
            raise CatalogError(
                str(exercise.reference), expected="the reference", found="no file", todo="performance needs it: add it"
            )
        return Measure(
            Subject(exercise.id, self.run.path),
            Subject(exercise.id, exercise.reference, is_reference=True),
            self.run.runner(),
            self.run.sandbox or self.run.runner(),
            seed=self._seed() * 2**32 + zlib.crc32(self.name.encode()),  # no two checks measure with the same inputs
            seconds=exercise.limits.seconds,
            record=self.measurements.append,
            remember=submission.remember,
            memory_mb=exercise.limits.memory_mb if self.run.sandbox else 0.0,
            stand_still=self.run.stand_still,
        )

    def judge(self, error: BaseException) -> messages.Failure:
        """What an exception that left this check means."""
        limit = self.run.exercise.limits.seconds
        return messages.judge(error, calls=self.run.calls(), path=self.run.path, seconds=limit)

    def tell(self, report: pytest.TestReport, excinfo: pytest.ExceptionInfo[BaseException] | None) -> None:
        """Put what the learner reads, and the result as data, on pytest's report."""
        outcome, message, note = Outcome.PASSED, "", ""
        if report.skipped:
            outcome = Outcome.NOT_GRADED
            note = str(excinfo.value) if excinfo else ""
        elif excinfo is not None and report.failed:
            failure = self.judge(excinfo.value)
            outcome, message = failure.outcome, self._text(failure, self.run.calls())
            self._look_for_suspects(failure)
            note = failure.details[0] if outcome is Outcome.NOT_IMPLEMENTED and failure.details else failure.broken
            if outcome is not Outcome.HARNESS_ERROR:
                report.longrepr = message
        result = CheckResult(
            self.name, self.result_category, outcome, self.sentence, message, note, tuple(self.measurements)
        )
        report.mlkata = json.loads(json.dumps({**asdict(result), **self.story()}))  # type: ignore[attr-defined]

    def _look_for_suspects(self, failure: messages.Failure) -> None:
        """Repeat the check with the known wrong answers, where that is possible and wanted."""
        names = set(inspect.signature(self.item.function).parameters) if hasattr(self.item, "function") else {"measure"}
        if self.run.diagnose and self.category and "submission" in names and "measure" not in names:
            self.alike = self.run.suspects().alike(self.function, failure, self.run.calls(), self._repeat)

    def _repeat(self, submission: Submission) -> messages.Failure | None:
        """How this check ends for another submission; None where it passes."""
        item: Any = self.item
        self._seed_generators(submission)
        made = {"submission": lambda: submission, "rng": self.rng, "torch_rng": self.torch_rng}
        names = inspect.signature(item.function).parameters
        try:
            item.obj(**{name: made[name]() if name in made else item.funcargs[name] for name in names})
        except (Exception, pytest.fail.Exception, pytest.skip.Exception) as error:
            limit = self.run.exercise.limits.seconds
            return messages.judge(error, calls=submission.history(), path=self.run.path, seconds=limit)
        return None

    def _text(self, failure: messages.Failure, calls: list[Any]) -> str:
        option = self.run.config.getoption
        text = messages.tell(
            failure,
            sentence=self.sentence,
            calls=calls,
            conventions=self.conventions,
            repeat=f"{self._seed()}  (repeat: {self._command()})",
            show=messages.Show(option("show")),
        )
        if option("reveal") and calls:
            code = reveal.snippet(calls[-1], self.run.path).replace("\n", "\n      ")
            folder = _relative(self.run.path.parent, self.run.config.invocation_params.dir)
            text += f"\n\n  to repeat the call by hand, in {folder}:\n\n      {code}"
        return text

    def _command(self) -> str:
        """What to type to run this check again, where pytest was started."""
        option, here = self.run.config.getoption, self.run.config.invocation_params.dir
        words = ["pytest", _relative(self.run.exercise.folder, here), "-k", self.name.partition("[")[0]]
        if option("submission"):
            words += ["--submission", _relative(self.run.path, here)]
        if option("device") != "cpu":
            words += ["--device", option("device")]
        return shlex.join([*words, "--seed", str(self._seed())])

    def story(self) -> dict[str, Any]:
        """What every result of this check says beside how it ended."""
        return {
            "folder": str(self.run.exercise.folder),
            "exercise": self.run.exercise.id,
            "function": self.function,
            "hidden": bool(self.category),
            "submission": str(self.run.path),
            "seed": self._seed(),
            "device": str(self.run.config.getoption("device")),
            "points": dict(self.run.exercise.points),
            "n_checks": self.run.n_checks,
            "alike": None if self.alike is None else [asdict(suspect) for suspect in self.alike],
        }

    def _seed(self) -> int:
        return int(self.run.config.getoption("seed"))


def describe_check(item: pytest.Item, run: ExerciseRun) -> Check:
    """What is known of a test function before it runs; a visible example has no category."""
    marks = [mark for mark in item.iter_markers() if mark.name in set(Category)]
    function = getattr(item, "function", None)
    sentence = (getattr(function, "__doc__", None) or item.name).strip().partition("\n")[0]
    return Check(
        run=run,
        name=item.name,
        category=marks[0].name if marks else "",
        sentence=sentence,
        conventions=tuple(str(key) for mark in marks[:1] for key in mark.args),
        item=item,
    )


def import_grader(path: Path) -> ModuleType:
    """The module of hidden checks; it gets a name of its own, whatever the working directory.

    It is compiled each time: bytecode that is kept stands for any source of the same size and second.
    """
    module = ModuleType(f"mlkata_grader_{path.parent.name}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module
    try:
        exec(compile(path.read_bytes(), str(path), "exec", dont_inherit=True), module.__dict__)
    except Exception as error:
        raise pytest.Collector.CollectError(
            f"{path}: the grader cannot be imported: {type(error).__name__}: {error}"
        ) from error
    return module


def build_report(stories: Iterable[Mapping[str, Any]]) -> Report:
    """The report of one exercise from what its checks said."""
    stories = list(stories)
    first = stories[0]
    checks = [_merge(group) for group in _by_function(stories).values()]
    named = _misconceptions(stories, checks)
    return Report(
        exercise=first["exercise"],
        submission=first["submission"],
        seed=first["seed"],
        device=first["device"],
        points=first["points"],
        checks=tuple(_diagnosed(check, named.get(check.name, "")) for check in checks),
    )


def closing_lines(stories: dict[Path, list[dict[str, Any]]], reports: Iterable[Report]) -> Iterator[str]:
    """What stands at the end of a session: what concerns whole exercises, said once, and a line for each."""
    for found, report in zip(stories.values(), reports, strict=True):
        examples = [story for story in found if not story["hidden"]]
        for outcome in SAID_ONCE:
            stopped = [story for story in found if story["outcome"] == outcome]
            # Sorted, because under xdist checks end in no order.
            for note in sorted({story["note"] for story in stopped}):
                waiting = [story for story in stopped if story["note"] == note]
                yield f"{report.exercise}: {_once(outcome, note, waiting)}"
        if report.checks:
            yield summary_line(report)
        else:
            passed = sum(story["outcome"] == Outcome.PASSED for story in examples)
            counted = f"{passed} of {len(examples)} visible examples passed"
            yield f"{report.exercise}: {counted}; the hidden checks are not here"


def _misconceptions(stories: Sequence[Mapping[str, Any]], checks: Sequence[CheckResult]) -> dict[str, str]:
    """The misconceptions that failing checks point to, by check."""
    alike: dict[str, list[Suspect]] = {}
    for story in stories:
        if story["hidden"] and story.get("alike") is not None:
            found = [Suspect(**{**each, "caught_by": tuple(each["caught_by"])}) for each in story["alike"]]
            alike.setdefault(story["function"], found)
    return choose((check.name for check in checks if check.outcome is Outcome.PASSED), alike)


def _diagnosed(check: CheckResult, misconception: str) -> CheckResult:
    if not misconception:
        return check
    return replace(check, diagnosis=misconception, message=messages.with_misconception(check.message, misconception))


def _once(outcome: Outcome, note: str, stories: Sequence[Mapping[str, Any]]) -> str:
    if outcome is Outcome.NOT_IMPLEMENTED:
        task = re.sub(r"^implement ", "", note) or "something"
        path = _relative(Path(stories[0]["submission"]), Path.cwd())
        return f"{task} is not implemented yet: write it in {path} ({_waiting(stories)})"
    return f"{outcome}: {note}" if outcome is Outcome.NOT_LOADED else note


def _waiting(stories: Sequence[Mapping[str, Any]]) -> str:
    """How many checks wait for something; examples are spoken of where there is nothing else."""
    checks = {story["function"] for story in stories if story["hidden"]}
    count, what = (len(checks), "check") if checks else (len(stories), "visible example")
    return f"{count} {what}s wait for it" if count > 1 else f"1 {what} waits for it"


def _by_function(stories: Iterable[Mapping[str, Any]]) -> dict[str, list[CheckResult]]:
    """The results of hidden checks; the cases of a parametrised function belong together."""
    groups: dict[str, list[CheckResult]] = {}
    for story in stories:
        if story["hidden"]:
            groups.setdefault(story["function"], []).append(_result(story))
    return groups


def _merge(cases: list[CheckResult]) -> CheckResult:
    """One check passes where all its cases do; the first that does not speaks for it."""
    worst = next((case for case in cases if case.outcome is not Outcome.PASSED), cases[0])
    measurements = tuple(part for case in cases for part in case.measurements)
    return replace(worst, name=worst.name.partition("[")[0], measurements=measurements)


def _result(story: Mapping[str, Any]) -> CheckResult:
    return CheckResult(
        name=story["name"],
        category=Category(story["category"]),
        outcome=Outcome(story["outcome"]),
        sentence=story["sentence"],
        message=story["message"],
        note=story["note"],
        measurements=tuple(Measurement(**part) for part in story["measurements"]),
    )


def _relative(path: Path, base: Path) -> str:
    try:
        return str(path.relative_to(base)) or "."
    except ValueError:
        return str(path)
