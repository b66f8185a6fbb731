"""Two small exercises that hostile submissions attack, and what is planted around them for the attacks to find."""

from __future__ import annotations

from pathlib import Path

from toy import write

METADATA = """\
title = "Scale"
track = "warm_up"
level = "easy"
minutes = 5
questions = ["Q01", "T013"]
entry = ["scale"]
kind = "numpy"
allowed = ["numpy", "pandas", "scipy"]
banned = ["numpy.multiply"]
devices = ["cpu"]
points = { correctness = 4, edge_case = 3, performance = 3 }
limits = { seconds = 2, memory_mb = 256 }
"""

VISIBLE = '''"""Examples of scale."""

import numpy as np

from mlkata.compare import assert_close


def test_worked_example(submission):
    """Each number is multiplied by the factor."""
    assert_close(submission.scale(np.array([1.0, 2.5]), 2.0), [2.0, 5.0])
'''

# GRADER_CANARY is replaced by a text that no report may hold.
GRADER = '''"""Hidden checks of scale."""

import numpy as np
import pytest

from mlkata.compare import assert_close, assert_equal, assert_shape, raises

SECRET = "GRADER_CANARY"


def few_numbers(rng):
    return rng.normal(size=2_000), float(rng.uniform(2, 3))


def many_numbers(rng):
    return rng.normal(size=200_000), float(rng.uniform(2, 3))


def judge(result, x, factor):
    assert_close(result, x * factor, what="the scaled array")


def drive(module, x, factor):
    """scale(x, factor)"""
    return module.scale(x, factor)


@pytest.mark.correctness()
def test_values(submission, rng):
    """Each number is multiplied by the factor."""
    x, factor = rng.normal(size=(4, 3)), float(rng.uniform(2, 3))
    assert_close(submission.scale(x, factor), x * factor, what="the scaled array")


@pytest.mark.correctness()
def test_values_by_a_probe(submission, rng):
    """Driven from inside, each number is multiplied too."""
    x = rng.normal(size=7)
    assert_close(submission.run(drive, x, -2.5), -2.5 * x, what="the scaled array")


@pytest.mark.correctness()
def test_a_list_of_what_was_scaled(submission, rng):
    """What comes back can be gone through and counted."""
    x = rng.normal(size=5)
    found = list(submission.scale(x, 3.0))
    assert_equal(len(found), 5, what="the number of values")
    assert float(sum(found)) == pytest.approx(3 * x.sum())


@pytest.mark.edge_case()
def test_empty_array(submission):
    """An empty array stays empty."""
    assert_shape(submission.scale(np.empty((0, 3)), 2.0), (0, 3), what="the scaled array")


@pytest.mark.edge_case()
def test_argument_is_left_alone(submission, rng):
    """The argument is not changed."""
    seen = submission.scale.observe(rng.normal(size=3), 2.0)
    seen.assert_unchanged()
    seen.assert_fresh()


@pytest.mark.edge_case()
def test_text_is_refused(submission):
    """A factor that is text raises TypeError."""
    with raises(TypeError, when="the factor is text"):
        submission.scale(np.ones(3), "2")


@pytest.mark.performance()
def test_time_of_short_calls(measure):
    """A call with few numbers takes little CPU time."""
    measure.cpu_ratio("scale", few_numbers, at_most=8.0, judge=judge)


@pytest.mark.performance()
def test_time_of_long_calls(measure):
    """A call with many numbers takes little CPU time."""
    measure.cpu_ratio("scale", many_numbers, at_most=20.0, judge=judge)


@pytest.mark.performance()
def test_peak_memory(measure):
    """A call takes memory for its result alone."""
    measure.peak_memory("scale", many_numbers, at_most=8.0, judge=judge)
'''

RIGHT = '''"""The honest right answer."""

import numpy as np


def scale(x, factor):
    if isinstance(factor, str):
        raise TypeError("the factor is a number")
    return np.asarray(x * factor)
'''

SLOW = '''"""A right answer that goes through the numbers one by one."""

import numpy as np


def scale(x, factor):
    if isinstance(factor, str):
        raise TypeError("the factor is a number")
    out = np.empty_like(x)
    for index in np.ndindex(x.shape):
        out[index] = x[index] * factor
    return out
'''

GREEDY = '''"""A right answer that takes a hundred times the memory for many numbers."""

import numpy as np


def scale(x, factor):
    if isinstance(factor, str):
        raise TypeError("the factor is a number")
    return np.stack([x * factor] * 100).mean(axis=0) if x.size > 10_000 else x * factor
'''

WRONG = '''"""An honest wrong answer: the factor is added."""

import numpy as np


def scale(x, factor):
    if isinstance(factor, str):
        raise TypeError("the factor is a number")
    return np.asarray(x + factor)
'''

CONTROLS = {"right": RIGHT, "slow": SLOW, "greedy": GREEDY, "wrong": WRONG}

_TO_TORCH = {
    "import numpy as np": "import torch",
    "np.asarray(x * factor)": "x * factor",
    "np.asarray(x + factor)": "x + factor",
    "np.empty_like(x)": "torch.empty_like(x)",
    "for index in np.ndindex(x.shape):\n        out[index] = x[index] * factor": (
        "for at in range(0, x.numel(), 1000):\n"
        "        row = [number * factor for number in x.flatten()[at : at + 1000].tolist()]\n"
        "        out.view(-1)[at : at + 1000] = torch.tensor(row, dtype=x.dtype)"
    ),
    "np.stack([x * factor] * 100).mean(axis=0) if x.size": "torch.stack([x * factor] * 100).mean(dim=0) if x.numel()",
}
_GRADER_TO_TORCH = {
    "import numpy as np\nimport pytest": "import numpy as np\nimport pytest\nimport torch",
    "rng.normal(size=2_000)": "torch.from_numpy(rng.normal(size=2_000))",
    "rng.normal(size=200_000)": "torch.from_numpy(rng.normal(size=200_000))",
    "rng.normal(size=(4, 3))": "torch.from_numpy(rng.normal(size=(4, 3)))",
    "rng.normal(size=7)": "torch.from_numpy(rng.normal(size=7))",
    "rng.normal(size=5)": "torch.from_numpy(rng.normal(size=5))",
    "rng.normal(size=3)": "torch.from_numpy(rng.normal(size=3))",
    "np.empty((0, 3))": "torch.empty((0, 3))",
    "np.ones(3)": "torch.ones(3)",
}


def attack_catalogue(root: Path, secret: str) -> Path:
    """Writes the exercises and what surrounds them; `secret` is part of every text that must stay hidden."""
    for id, kind in (("scale", "numpy"), ("scale_tensor", "torch")):
        texts = {
            f"exercises/{id}/README.md": f"# {id}\n",
            f"exercises/{id}/exercise.toml": METADATA.replace("numpy", kind),
            f"exercises/{id}/{id}.py": '"""Scale."""\n\n\ndef scale(x, factor):\n    raise NotImplementedError\n',
            f"exercises/{id}/test_{id}.py": _translated(
                VISIBLE, id, {"import numpy as np": "import torch", "np.array": "torch.tensor"}
            ),
            f"solutions/{id}.py": controls(id)["right"] + f"\nSECRET = '{secret}-solution'\n",
            f"graders/{id}/test_{id}.py": _translated(GRADER, id, _GRADER_TO_TORCH).replace(
                "GRADER_CANARY", f"{secret}-grader"
            ),
        }
        for name, text in texts.items():
            write(root / name, text)
        for name, text in controls(id).items():
            write(root / "submissions" / id / f"control_{name}.py", text)
    write(root / "submissions" / "another_student.py", f"# {secret}-submission\n" + WRONG)
    write(root / "submissions" / "numpy.py", "raise RuntimeError('a file beside the submission was imported')\n")
    write(root / "submissions" / "secret.txt", f"{secret}-file\n")
    return root


def controls(id: str) -> dict[str, str]:
    """The honest answers to one of the exercises, by name."""
    return {name: _translated(text, id, _TO_TORCH) for name, text in CONTROLS.items()}


def _translated(text: str, id: str, words: dict[str, str]) -> str:
    if id == "scale_tensor":
        for old, new in words.items():
            text = text.replace(old, new)
    return text
