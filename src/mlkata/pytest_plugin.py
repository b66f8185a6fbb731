"""Fixtures, options and markers of exercises, and what pytest prints about them.

In a run without an exercise the plugin adds its options and does nothing else: what it needs is imported when the
first exercise is collected.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mlkata.catalog import Exercise
    from mlkata.check import Check
    from mlkata.exercise_run import ExerciseRun
    from mlkata.report import Report

MARKERS = {
    "correctness": "the values are right",
    "edge_case": "the unusual inputs that the prompt names",
    "performance": "CPU time, growth or memory, as a multiple of the reference's",
    "gpu": "behaviour on a CUDA device; graded with --device cuda alone",
}

MEASURED_PATIENCE = 4.0  # times the limit: on a busy machine many rounds of measuring take a while

RUNS = pytest.StashKey["dict[Path, ExerciseRun]"]()
CHECK = pytest.StashKey["Check"]()
REPORTS = pytest.StashKey["dict[Path, list[dict[str, Any]]]"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("mlkata", "machine-learning exercises")
    group.addoption("--submission", metavar="FILE", help="judge this file instead of the exercise's own")
    group.addoption("--seed", type=int, default=0, metavar="N", help="seed of the random inputs (default: 0)")
    group.addoption(
        "--device", choices=("cpu", "cuda"), default="cpu", help="cuda also runs the checks of category gpu"
    )
    group.addoption("--reveal", action="store_true", help="add a snippet that repeats a failing call by hand")
    group.addoption("--show", choices=("property", "call", "full"), default="full", help="how much a failure tells")
    group.addoption("--report-json", metavar="FILE", help="write what was found as JSON")


def pytest_configure(config: pytest.Config) -> None:
    for name, text in MARKERS.items():
        config.addinivalue_line("markers", f"{name}(*conventions): {text}")
    config.stash[RUNS] = {}
    config.stash[REPORTS] = {}
    for option in ("submission", "report_json"):
        path = config.getoption(option)
        if path is not None:
            setattr(config.option, option, str(config.invocation_params.dir / path))
    seed, report = config.getoption("seed"), config.getoption("report_json")
    if not 0 <= seed < 2**32:
        raise pytest.UsageError(f"--seed: expected a number from 0 to {2**32 - 1}, found {seed}; name another")
    if report and not Path(report).parent.is_dir():
        raise pytest.UsageError(
            f"--report-json: expected a file in a folder that exists, found {report}; make the folder"
        )


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Graders are collected with their exercises, not by themselves."""
    beside = collection_path.parent / "exercises"
    return True if collection_path.name in ("graders", "solutions") and beside.is_dir() else None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """The hidden checks, beside the visible examples that pytest collects by itself."""
    if not (file_path.parent / "exercise.toml").is_file() or file_path.name != f"test_{file_path.parent.name}.py":
        return None
    run = _start_run(parent.config, file_path)
    if not run.exercise.grader.is_file():
        return None
    hidden = HiddenChecks.from_parent(parent, path=file_path)
    hidden.grader = run.exercise.grader
    return hidden


class HiddenChecks(pytest.Module):
    """The checks of an exercise's grader, listed under the file with its visible examples."""

    grader: Path

    def _getobj(self) -> Any:
        from mlkata.exercise_run import import_grader

        module = import_grader(self.grader)
        run = self.config.stash[RUNS][self.path]
        run.n_checks = sum(name.startswith("test") and callable(value) for name, value in vars(module).items())
        return module


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    from_exercises = [(item, run) for item in items if (run := config.stash[RUNS].get(item.path)) is not None]
    if not from_exercises:
        return
    from mlkata.check import describe_check

    misused = _misuse(config, {run.exercise for _, run in from_exercises})
    if misused:
        raise pytest.UsageError(misused)
    for item, run in from_exercises:
        item.stash[CHECK] = check = describe_check(item, run)
        item.repr_failure = _quiet(check, item.repr_failure)  # type: ignore[method-assign]
        # Of what fails before the call, such as a fixture that cannot load the submission, pytest asks for this one.
        item._repr_failure_py = _quiet(check, item._repr_failure_py)  # type: ignore[method-assign]
        item.add_marker(pytest.mark.timeout(seconds_for(check)))


def seconds_for(check: Check) -> float:
    """Wall time after which a check is given up; what is measured is held to the reference's CPU time before that."""
    patience = MEASURED_PATIENCE if check.category == "performance" else 1.0
    return patience * check.run.exercise.limits.seconds


def pytest_report_collectionfinish(config: pytest.Config) -> str | None:
    if not config.stash[RUNS]:
        return None
    return f"mlkata: seed {config.getoption('seed')}, device {config.getoption('device')}"


def pytest_runtest_setup(item: pytest.Item) -> None:
    check = item.stash.get(CHECK, None)
    if check is not None:
        check.begin()
        if check.category == "gpu" and item.config.getoption("device") != "cuda":
            pytest.skip("no CUDA device was asked for (--device cuda)")


@pytest.fixture
def submission(request: pytest.FixtureRequest) -> Any:
    """The submission: call its functions by name, or `run` a probe in it."""
    return _check(request).submission()


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """The seed of this run."""
    return int(request.config.getoption("seed"))


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> Any:
    """A numpy Generator of this check's own, seeded from the run's seed."""
    return _check(request).rng()


@pytest.fixture
def torch_rng(request: pytest.FixtureRequest) -> Any:
    """A torch.Generator of this check's own, seeded from the run's seed."""
    return _check(request).torch_rng()


@pytest.fixture
def device(request: pytest.FixtureRequest) -> Any:
    """The torch device of this check: cuda for the category gpu, else cpu."""
    import torch

    return torch.device("cuda" if _check(request).category == "gpu" else "cpu")


@pytest.fixture
def measure(request: pytest.FixtureRequest) -> Any:
    """Measures the submission against the reference: see `mlkata.measure.Measure`."""
    from mlkata.measure import available

    reason = available()
    if reason:
        pytest.skip(reason)
    return _check(request).measure()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    check = item.stash.get(CHECK, None)
    if check is not None and (report.when == "call" or (report.when == "setup" and not report.passed)):
        check.tell(report, call.excinfo)
    return report


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """What is said once for all checks does not fill the list of failures."""
    story = getattr(report, "mlkata", None)
    if story and story["outcome"] in ("not implemented", "does not load", "refused by the rules"):
        return story["outcome"], "n" if story["outcome"] == "not implemented" else "L", story["outcome"].upper()
    return None


class _Collector:
    """Gathers what the checks said; under xdist that is known in the controlling process alone."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        story = getattr(report, "mlkata", None)
        if story:
            self.config.stash[REPORTS].setdefault(Path(story["folder"]), []).append(story)


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    session.config.pluginmanager.register(_Collector(session.config), "mlkata-collector")


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if not config.stash[REPORTS]:
        return
    from mlkata.stories import closing_lines

    terminalreporter.write_sep("=", "mlkata")
    for line in closing_lines(_stories(config), reports(config)):
        terminalreporter.write_line(line)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not hasattr(session.config, "workerinput"):
        _name_misconceptions(session.config)
    for run in session.config.stash[RUNS].values():
        run.close()
    if hasattr(session.config, "workerinput"):
        return
    _record(session.config)
    path = session.config.getoption("report_json")
    if path:
        found = ",\n".join(report.to_json() for report in reports(session.config))
        Path(path).write_text(f"[{found}]\n", encoding="utf-8")


def _record(config: pytest.Config) -> None:
    """Write down what became of the run, where a practice folder has the exercises."""
    if config.stash[REPORTS]:
        from mlkata.recording import record_run

        for (folder, stories), report in zip(_stories(config).items(), reports(config), strict=True):
            record_run(folder, report, n_checks=max(story["n_checks"] for story in stories))


def reports(config: pytest.Config) -> list[Report]:
    """A report for each exercise of the session."""
    from mlkata.stories import build_report

    return [build_report(stories) for stories in _stories(config).values()]


def _name_misconceptions(config: pytest.Config) -> None:
    """Put what is known only after all checks under those that failed, before they are printed."""
    terminal: Any = config.pluginmanager.get_plugin("terminalreporter")
    failed = [each for each in terminal.stats.get("failed", ()) if hasattr(each, "mlkata")] if terminal else []
    if not failed:
        return
    told = {(report.exercise, check.name): check for report in reports(config) for check in report.checks}
    for each in failed:
        check = told.get((each.mlkata["exercise"], each.mlkata["function"]))
        if check and check.diagnosis and each.mlkata["hidden"] and isinstance(each.longrepr, str):
            from mlkata.messages import with_misconception

            each.longrepr = with_misconception(each.longrepr, check.diagnosis)


def _stories(config: pytest.Config) -> dict[Path, list[dict[str, Any]]]:
    """What the checks said, by exercise; sorted, because under xdist they end in no order."""
    return dict(sorted(config.stash[REPORTS].items()))


def _start_run(config: pytest.Config, visible: Path) -> ExerciseRun:
    from mlkata.errors import CatalogError
    from mlkata.exercise_run import ExerciseRun

    try:
        run = ExerciseRun.start(config, visible)
    except CatalogError as error:
        raise pytest.Collector.CollectError(str(error)) from None
    config.stash[RUNS][visible] = run
    # A worker of xdist may not end with a usage error; what it cannot collect it can tell.
    if hasattr(config, "workerinput") and (
        misused := _misuse(config, {each.exercise for each in config.stash[RUNS].values()})
    ):
        raise pytest.Collector.CollectError(misused)
    return run


def _quiet(check: Check, represent: Callable[..., Any]) -> Callable[..., Any]:
    """Leave out pytest's own account of a failure, which takes longer than a check, where the check's is shown."""

    def represent_failure(excinfo: pytest.ExceptionInfo[BaseException], *args: Any, **kwargs: Any) -> Any:
        is_ours = check.judge(excinfo.value).outcome == "harness error"
        return represent(excinfo, *args, **kwargs) if is_ours else ""

    return represent_failure


def _check(request: pytest.FixtureRequest) -> Check:
    check: Check | None = request.node.stash.get(CHECK, None)
    if check is None:
        raise pytest.UsageError(f"the fixture {request.fixturename} is for the checks of an exercise")
    return check


def _misuse(config: pytest.Config, exercises: set[Exercise]) -> str:
    """What the options cannot mean for these exercises; empty where there is nothing to say."""
    if config.getoption("submission") and len(exercises) > 1:
        return "--submission FILE answers one exercise: name that exercise's folder alone"
    if config.getoption("device") == "cuda" and any("cuda" in exercise.devices for exercise in exercises):
        import torch

        if not torch.cuda.is_available():
            return "--device cuda: torch finds no CUDA device here; leave the option away"
    return ""
