"""Two small exercises that the tests of the pytest plugin write, solve rightly and wrongly, and break."""

from __future__ import annotations

import ast
from pathlib import Path

README = """\
# Lift

## Signature

```python
def lift(x: np.ndarray, *, by: float = 1.0) -> np.ndarray: ...


def halves(x: list) -> tuple[list, list]: ...


class Counter:
    def __init__(self, start: int = 0) -> None: ...

    def add(self, n: int) -> int: ...
```

## Conventions

- **Values.** Each number is lifted by the same amount.
- **Input.** The array that is given does not change.
"""

METADATA = """\
title = "Lift"
track = "warm_up"
level = "easy"
minutes = 5
questions = []
entry = ["lift", "halves", "Counter"]
kind = "numpy"
allowed = ["numpy"]
banned = ["numpy.add"]
devices = ["cpu", "cuda"]
points = { correctness = 4, edge_case = 2, gpu = 1 }
limits = { seconds = 60, memory_mb = 512 }
"""

STUB = '''"""Lift."""

import numpy as np


def lift(x, *, by=1.0):
    raise NotImplementedError("implement lift")


def halves(x):
    raise NotImplementedError("implement halves")


class Counter:
    def __init__(self, start=0):
        raise NotImplementedError("implement Counter")

    def add(self, n):
        raise NotImplementedError("implement Counter")
'''

REFERENCE = '''"""Lift."""

import numpy as np


def lift(x, *, by=1.0):
    if isinstance(x, str):
        raise TypeError("x must be an array")
    return x + by


def halves(x):
    return x[: len(x) // 2], x[len(x) // 2 :]


class Counter:
    def __init__(self, start=0):
        self.total = start

    def add(self, n):
        self.total += n
        return self.total
'''

VISIBLE = '''"""Examples of lift."""

import numpy as np

from mlkata.compare import assert_close


def test_worked_example(submission):
    """One is added to each number."""
    assert_close(submission.lift(np.array([1.0, 2.5])), [2.0, 3.5])
'''

GRADER = '''"""Hidden checks of lift."""

import numpy as np
import pytest

from mlkata.compare import assert_close, assert_dtype, assert_equal, raises


@pytest.mark.correctness("Values", "Input")
def test_values(submission, rng):
    """Every number of the array is lifted by the same amount."""
    secret_inputs = rng.normal(size=(2, 3))
    assert_close(submission.lift(secret_inputs, by=0.5), secret_inputs + 0.5, what="the lifted array")


@pytest.mark.correctness("Values")
@pytest.mark.parametrize("amount", [-2.0, 0.0, 3.0])
def test_any_amount(submission, amount):
    """The amount may have either sign, or be zero."""
    assert_close(submission.lift(np.array([4.0]), by=amount), [4.0 + amount], what="the lifted number")


@pytest.mark.correctness("Values")
def test_halves(submission):
    """The list is cut in the middle."""
    front, back = submission.halves([1, 2, 3, 4])
    assert_equal(front + back, [1, 2, 3, 4], what="both halves together")


SUM_OF_STEPS = 7


def drive_counter(module, steps):
    """Counter(10).add(n) for each n"""
    counter = module.Counter(10)
    return [shifted(counter.add(n)) for n in steps]


def shifted(total):
    return np.float64(total + SUM_OF_STEPS)


@pytest.mark.correctness("Values")
def test_counter(submission):
    """A counter begins where it is told and keeps its total."""
    assert_equal(submission.run(drive_counter, [1, 5]), [18.0, 23.0], what="the totals")


@pytest.mark.edge_case("Input")
def test_input_is_left_alone(submission):
    """The array that is given does not change."""
    submission.lift.observe(np.array([1.0, 2.0])).assert_unchanged()


@pytest.mark.edge_case("Values")
def test_text_is_refused(submission):
    """Text raises TypeError."""
    with raises(TypeError, when="x is a str"):
        submission.lift("text")


@pytest.mark.gpu("Values")
def test_on_the_device(submission, device):
    """The result stays where the input is."""
    assert_dtype(submission.lift(np.zeros(2, dtype="float32")), "float32")
'''

PACE_METADATA = """\
title = "Pace"
track = "warm_up"
level = "easy"
minutes = 5
questions = []
entry = ["pace"]
kind = "numpy"
allowed = ["numpy"]
banned = []
devices = ["cpu"]
points = { correctness = 2, performance = 2 }
limits = { seconds = 60, memory_mb = 512 }
"""

PACE_README = """\
# Pace

## Signature

```python
def pace(x: np.ndarray) -> float: ...
```
"""

PACE_STUB = '''"""Pace."""


def pace(x):
    raise NotImplementedError("implement pace")
'''

PACE_REFERENCE = '''"""Pace."""


def pace(x):
    return float(x.sum())
'''

PACE_SLOW = '''"""Pace."""


def pace(x):
    total = 0.0
    for value in x:
        total += float(value)
    return total
'''

PACE_VISIBLE = '''"""Examples of pace."""

import numpy as np

from mlkata.compare import assert_close


def test_three_numbers(submission):
    """Three numbers are added up."""
    assert_close(submission.pace(np.array([1.0, 2.0, 3.0])), 6.0)
'''

PACE_GRADER = '''"""Hidden checks of pace."""

import numpy as np
import pytest

from mlkata.compare import assert_close


@pytest.mark.correctness("Values")
def test_total(submission):
    """All numbers are added up."""
    assert_close(submission.pace(np.array([0.5, 1.5])), 2.0, what="the total")


def same_total(found, numbers):
    assert_close(found, numbers.sum(), what="the total of many numbers")


@pytest.mark.performance("Speed")
def test_no_loop_over_the_numbers(submission, measure):
    """Many numbers are added up without a loop in Python."""
    measure.cpu_ratio("pace", lambda rng: (rng.normal(size=200_000),), at_most=20, judge=same_total)
'''

LIFT = {
    "exercises/lift/README.md": README,
    "exercises/lift/exercise.toml": METADATA,
    "exercises/lift/lift.py": STUB,
    "exercises/lift/test_lift.py": VISIBLE,
    "solutions/lift.py": REFERENCE,
    "graders/lift/test_lift.py": GRADER,
}

PACE = {
    "exercises/pace/README.md": PACE_README,
    "exercises/pace/exercise.toml": PACE_METADATA,
    "exercises/pace/pace.py": PACE_STUB,
    "exercises/pace/test_pace.py": PACE_VISIBLE,
    "solutions/pace.py": PACE_REFERENCE,
    "graders/pace/test_pace.py": PACE_GRADER,
}


def write_exercise(root: Path, files: dict[str, str]) -> None:
    """Writes an exercise's files below a root."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def code_lines(source: str) -> list[str]:
    """The lines of a source that no learner may read: all but docstrings, blank lines and single brackets."""
    tree = ast.parse(source)
    told = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.FunctionDef)) and ast.get_docstring(node):
            told.update(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    lines = enumerate(source.splitlines(), start=1)
    return [line.strip() for number, line in lines if number not in told and len(line.strip()) > 3]
