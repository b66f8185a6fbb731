"""How much longer `pytest exercises/ID` takes on a solved file than a bare pytest file that does the same work.

    python benchmarks/overhead.py knn_classifier focal_loss --rounds 15

The bare file imports what the exercise needs and the solution, and runs the same test functions on it directly: no
border, no plugin, no processes. Measured functions are called as often as the exercise calls them, in the same
process. Both commands run in turn; what is compared are medians of wall time, start and imports included.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mlkata.catalog import Catalog, content_root

BARE = """
import copy, functools, importlib.util, inspect
import {package}
import numpy as np
import pytest


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


solution = load("solution", {solution!r})
for part in (load("visible", {visible!r}), load("grader", {grader!r})):
    globals().update({{name: value for name, value in vars(part).items() if not name.startswith("__")}})


class Target:
    def __init__(self, function):
        self.function = function

    def __call__(self, *args, **kwargs):
        return self.function(*copy.deepcopy(args), **kwargs)

    def value_and_grad(self, *args, wrt, cotangent=None, **kwargs):
        import torch
        names = (wrt,) if isinstance(wrt, str) else wrt
        bound = inspect.signature(self.function).bind(*args, **kwargs)
        leaves = {{name: bound.arguments[name].detach().requires_grad_() for name in names}}
        bound.arguments.update(leaves)
        value = self.function(*bound.args, **bound.kwargs)
        weights = torch.ones_like(value) if cotangent is None else cotangent
        found = torch.autograd.grad(value, list(leaves.values()), grad_outputs=weights, allow_unused=True)
        return value.detach(), dict(zip(leaves, found))

    def observe(self, *args, **kwargs):
        return Observed(self.function(*args, **kwargs))


class Observed:
    def __init__(self, value):
        self.value = value

    def assert_unchanged(self, **kwargs):
        pass

    assert_fresh = assert_unchanged


class Submission:
    def __getattr__(self, name):
        return Target(getattr(solution, name))

    def probe(self, function):
        return Target(functools.partial(function, solution))

    def run(self, function, *args, **kwargs):
        return function(solution, *copy.deepcopy(args), **kwargs)


class Measure:
    def _do(self, target, args, options, times):
        function = getattr(solution, target) if isinstance(target, str) else lambda *a, **k: target(solution, *a, **k)
        for _ in range(times):
            value = function(*args, **(options or {{}}))
        return value

    def cpu_ratio(self, target, inputs, *, judge, options=None, **kwargs):
        for number in range(3):
            args = inputs(np.random.default_rng(number))
            value = self._do(target, args, options, 2)
            if not number:
                judge(value, *args)

    def peak_memory(self, target, inputs, *, judge, options=None, **kwargs):
        args = inputs(np.random.default_rng(0))
        judge(self._do(target, args, options, 2), *args)

    def peak_megabytes(self, target, inputs, *, judge, options=None, **kwargs):
        args = inputs(np.random.default_rng(0))
        judge(self._do(target, args, options, 1), *args)

    def growth(self, target, inputs, sizes, *, judge, options=None, **kwargs):
        for place, size in enumerate(sizes):
            for again in range(3):
                args = inputs(np.random.default_rng(again), size)
                value = self._do(target, args, options, 2 if again == 0 or place == 0 else 1)
            judge(value, *args)


@pytest.fixture
def submission():
    return Submission()


@pytest.fixture
def measure():
    return Measure()


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def torch_rng():
    import torch
    return torch.Generator().manual_seed(0)
"""


def once(command: list[str], cwd: Path) -> float:
    """Seconds of wall time of a command that must succeed."""
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    started = time.perf_counter()
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, env=environment)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return time.perf_counter() - started


def compare(id: str, rounds: int) -> tuple[float, float]:
    """Median seconds of the bare file and of the exercise."""
    exercise = Catalog(content_root()).exercise(id)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(exercise.folder, folder / id)
        shutil.copy(exercise.reference, folder / id / f"{id}.py")
        source = BARE.format(
            package="torch" if exercise.kind == "torch" else "numpy",
            solution=str(exercise.reference),
            visible=str(exercise.visible),
            grader=str(exercise.grader),
        )
        (folder / "test_bare.py").write_text(source, encoding="utf-8")
        (folder / "pytest.ini").write_text(
            "[pytest]\nmarkers =\n    correctness\n    edge_case\n    performance\n    gpu\n"
        )
        pytest = [sys.executable, "-m", "pytest", "-q"]
        bare = [*pytest, "test_bare.py", "-k", "not stays_on_the_device and not cuda and not device"]
        ours = [*pytest, "-p", "pytest_timeout", "-p", "mlkata.pytest_plugin", id]
        once(bare, folder), once(ours, folder)
        pairs = [(once(bare, folder), once(ours, folder)) for _ in range(rounds)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ids", nargs="*", default=["knn_classifier", "focal_loss"])
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    print("| exercise | bare pytest file | `pytest exercises/ID` | ratio |")
    print("| --- | --- | --- | --- |")
    for id in options.ids:
        bare, ours = compare(id, options.rounds)
        print(f"| {id} | {bare:.2f} s | {ours:.2f} s | {ours / bare:.2f} |", flush=True)


if __name__ == "__main__":
    main()
