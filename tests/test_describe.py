"""A value is said in one short line, whatever it is, without importing what it is not."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse

from mlkata.describe import describe, describe_call, is_array, is_frame, is_tensor, number, plain_type, shorten


def named(x):
    return x


DESCRIBED = {
    "None": (None, "None"),
    "float": (0.1 + 0.2, "0.30000000000000004"),
    "text": ("a'b", '"a\'b"'),
    "long text": ("x" * 500, "'" + "x" * 118 + "…"),
    "integer of thousands of digits": (10**5000, "<int that is too long to show>"),
    "list": ([1, "a", [2.5]], "[1, 'a', [2.5]]"),
    "list that just fits": (list(range(6)), "[0, 1, 2, 3, 4, 5]"),
    "array that just fits": (np.arange(6), "array(shape=(6,), int64, [0, 1, 2, 3, 4, 5])"),
    "dict that just fits": ({n: n for n in range(6)}, "{0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5}"),
    "long list": (list(range(10)), "[0, 1, 2, 3, 4, 5, … 10 in all]"),
    "tuples": (((), (1,), (1, 2)), "((), (1,), (1, 2))"),
    "dict": ({"a": 1, 2: [3]}, "{'a': 1, 2: [3]}"),
    "long dict": ({n: n for n in range(8)}, "{0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, …}"),
    "key of thousands of digits": ({10**5000: 1}, "{<int that is too long to show>: 1}"),
    "array": (np.array([[1.0, 0.1 + 0.2]]), "array(shape=(1, 2), float64, [1, 0.3])"),
    "long array": (np.arange(10), "array(shape=(10,), int64, [0, 1, 2, 3, 4, 5, …])"),
    "transposed array": (np.arange(4).reshape(2, 2).T, "array(shape=(2, 2), int64, [0, 2, 1, 3])"),
    "empty array": (np.zeros((0, 3)), "array(shape=(0, 3), float64, [])"),
    "numpy number": (np.float32(0.5), "float32(0.5)"),
    "array without axes": (np.array(3), "int64(3)"),
    "objects": (np.array([None, "a"], dtype=object), "array(shape=(2,), object, [None, 'a'])"),
    "tensor": (torch.tensor([1.5, float("nan")]), "tensor(shape=(2,), float32, [1.5, nan])"),
    "tensor that requires grad": (torch.ones(1).requires_grad_(), "tensor(shape=(1,), float32, requires_grad, [1])"),
    "bfloat16": (torch.ones(8, dtype=torch.bfloat16), "tensor(shape=(8,), bfloat16, [1, 1, 1, 1, 1, 1, …])"),
    "sparse tensor": (torch.eye(2).to_sparse(), "tensor(shape=(2, 2), float32, torch.sparse_coo)"),
    "series": (pd.Series([1.5, None]), "Series(2 values, float64, [1.5, nan])"),
    "series with other labels": (
        *(pd.Series(range(8), index=[3.5, 1, 2, 9, 8, 7, 6, 5]), "Series(8 values, int64, [0, 1, 2, 3, 4, 5, …])"),
    ),
    "frame": (pd.DataFrame({"a": [1], "b": [0.5]}), "DataFrame(1 rows; a: int64, b: float64)"),
    "index": (pd.Index(["a", "b"]), "Index(2 values, str, ['a', 'b'])"),
    "levels": (pd.MultiIndex.from_tuples([("a", 1)]), "MultiIndex(1 values, object, [('a', 1)])"),
    "function": (named, "<function named>"),
    "slice": (slice(1, None), "slice(1, None, None)"),
}


@pytest.mark.parametrize(("value", "line"), DESCRIBED.values(), ids=DESCRIBED)
def test_value_is_said_in_a_line(value, line):
    assert describe(value) == line


@pytest.mark.parametrize(
    "value",
    [
        *(["y" * 100] * 6, dict.fromkeys(range(6), "y" * 100), np.array(["y" * 500] * 3), [[["y" * 50] * 6] * 6] * 6),
        *(pd.DataFrame([[1] * 300]), pd.Series(["y" * 500] * 3), {"k" * 500: 1}, 10**400, set(range(1000))),
    ],
    ids=type,
)
def test_line_stays_short(value):
    assert len(describe(value)) <= 1000
    assert "\n" not in describe(value)


def test_sparse_matrix_is_described():
    assert "shape (2, 2)" in describe(sparse.csr_matrix(np.eye(2)))


def test_short_call_stands_in_one_line():
    assert describe_call("f", (1, [2]), {"gamma": 2.0}) == "f(1, [2], gamma=2.0)"
    assert describe_call("f", (), {}) == "f()"


def test_long_call_stands_in_several_lines():
    x = torch.zeros(100)

    assert describe_call("f", (x, x), {"name": "n" * 20}).splitlines() == [
        "f(",
        "    tensor(shape=(100,), float32, [0, 0, 0, 0, 0, 0, …]),",
        "    tensor(shape=(100,), float32, [0, 0, 0, 0, 0, 0, …]),",
        "    name='nnnnnnnnnnnnnnnnnnnn',",
        ")",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((0.1 + 0.2, "0.3"), (1e-300, "1e-300"), (np.float32(0.25), "0.25"), (3, "3"), (True, "True")),
        *((torch.tensor(2.5), "2.5"), ("a", "'a'"), (10**5000, "<int that is too long to show>"), (1 + 2j, "(1+2j)")),
    ],
    ids=lambda value: str(value)[:9] if not isinstance(value, int) else "",
)
def test_number_is_written_with_nine_digits(value, text):
    assert number(value) == text


def test_text_is_shortened_at_the_end():
    assert shorten("abcdef", 6) == "abcdef"
    assert shorten("abcdefg", 6) == "abcde…"


@pytest.mark.parametrize(
    ("value", "name"),
    [
        *((1.0, "float"), (None, "None"), (np.zeros(1), "numpy.ndarray"), (np.float32(1), "numpy.float32")),
        *(
            (torch.zeros(1), "torch.Tensor"),
            (pd.Series([1]), "pandas.Series"),
            (test_sparse_matrix_is_described, "function"),
        ),
    ],
)
def test_type_is_named_as_a_learner_writes_it(value, name):
    assert plain_type(value) == name


def test_families_are_told_apart():
    values = [np.zeros(1), np.float32(1), torch.zeros(1), pd.Series([1]), pd.DataFrame(), pd.Index([1]), [1]]

    assert [is_array(value) for value in values] == [True, True, False, False, False, False, False]
    assert [is_tensor(value) for value in values] == [False, False, True, False, False, False, False]
    assert [is_frame(value) for value in values] == [False, False, False, True, True, True, False]


def test_nothing_is_imported_to_describe_a_value():
    script = "import sys; from mlkata.describe import describe; describe([1, 'a', {}, len]); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()

    assert {"numpy", "torch", "pandas"}.isdisjoint(loaded)
