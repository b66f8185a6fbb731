"""One check within a pytest session: what it may ask for, and what became of it."""

from __future__ import annotations

import hashlib
import inspect
import json
import shlex
import zlib
from dataclasses import asdict, dataclass, field
from typing import Any

import pytest

from mlkata import messages, reveal
from mlkata.bench import Subject
from mlkata.diagnosis import Suspect
from mlkata.errors import CatalogError
from mlkata.exercise_run import ExerciseRun
from mlkata.measure import Measure
from mlkata.report import Category, CheckResult, Measurement, Outcome
from mlkata.stories import relative
from mlkata.submission import Submission, seed_generators


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
            folder = relative(self.run.path.parent, self.run.config.invocation_params.dir)
            text += f"\n\n  to repeat the call by hand, in {folder}:\n\n      {code}"
        return text

    def _command(self) -> str:
        """What to type to run this check again, where pytest was started."""
        option, here = self.run.config.getoption, self.run.config.invocation_params.dir
        words = ["pytest", relative(self.run.exercise.folder, here), "-k", self.name.partition("[")[0]]
        if option("submission"):
            words += ["--submission", relative(self.run.path, here)]
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
