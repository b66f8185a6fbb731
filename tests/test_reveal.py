"""The snippet that repeats a call by hand runs, and makes the same call."""

from __future__ import annotations

import contextlib
import io
import math
import sys
from math import floor as whole

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import torch
from toy import load_request

from mlkata.links import LocalLink
from mlkata.reveal import MOST_VALUES, literal, snippet
from mlkata.submission import Call, Submission
from mlkata.wire import encode

nan, inf = float("nan"), float("inf")

WRITTEN = {
    "plain": [None, True, 3, -2.5, "nan", b"inf", "a  # b", ..., range(1, 9, 2), 10**30],
    "numbers": [nan, inf, -inf, -0.0, 1e-300, complex(nan, -0.0), 1 + 2j],
    "containers": [(), (1,), (1, 2), [], {}, {"a": [nan]}, {(1, 2): "x"}, set(), {1}, frozenset(), frozenset([nan])],
    "slices": [slice(None), slice(1, None, -1)],
    "numpy numbers": [np.float64(nan), np.float32(1.5), np.int8(-3), np.True_, np.str_("nan"), np.bytes_(b"a")],
    "numpy moments": [np.datetime64("2020-01-01", "D"), np.timedelta64(3, "s"), np.complex64(1 + 1j)],
    "floats": np.array([[0.1, nan], [inf, -inf]]),
    "float32 without axes": np.array(1.5, "f4"),
    "long double": np.longdouble("1.5"),
    "words that look like numbers": np.array(["banana", "inf", "information"]),
    "bytes": np.array([b"a", b"nan"]),
    "booleans": np.array([[True], [False]]),
    "complex": np.array([complex(nan, 1)]),
    "moments": np.array(["2020-01-01T12", "NaT"], dtype="M8[ns]"),
    "empty": np.zeros((0, 3), "i4"),
    "objects": np.array([[None, "a"], [nan, 3]], dtype=object),
    "objects that are lists": np.array([[1, 2], None], dtype=object),
    "lists of one length": np.fromiter([[1, 2], [3, 4]], dtype=object),
    "tensor": torch.tensor([[1.5, nan], [0.0, -inf]]),
    "tensor that requires grad": torch.tensor([1.5], dtype=torch.bfloat16, requires_grad=True),
    "number tensor": torch.tensor(3),
    "empty tensor": torch.zeros(0, 3, dtype=torch.int8),
    "sparse tensor": torch.eye(2).to_sparse(),
    "names of torch and numpy": [torch.float16, torch.device("cpu"), torch.Size([1, 2]), np.dtype("f4"), np.dtype("O")],
    "sparse matrix": scipy.sparse.csr_matrix(np.eye(2)),
    "sparse array": scipy.sparse.coo_array(np.eye(2)),
    "pandas moments": [pd.Timestamp("2020-01-01", tz="Europe/Paris"), pd.Timedelta("1h"), pd.NA, pd.NaT],
    "series": pd.Series([1.5, nan]),
    "series with a name": pd.Series(["inf", "b"], name="information", index=["x", "y"]),
    "series of float32": pd.Series([1.0], dtype="float32"),
    "empty series": pd.Series([], dtype="int8"),
    "nullable": pd.Series([1, None], dtype="Int64"),
    "text with gaps": pd.Series(["a", None]),
    "text as objects": pd.Series(["a", None], dtype=object),
    "categories": pd.Series(["a", None], dtype=pd.CategoricalDtype(["b", "a"], ordered=True)),
    "zones": pd.Series(pd.to_datetime(["2020-01-01"]).tz_localize("Europe/Paris")),
    "labels from 3": pd.Series([1, 2], index=pd.RangeIndex(3, 5, name="row")),
    "levels": pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["x", None]),
    "index": pd.Index(["a"], name="n"),
    "frame": pd.DataFrame({"inflation": [1.0, nan], "name": ["x", "y"], "small": np.array([1, 2], "i1")}),
    "frame with labels": pd.DataFrame({"a": pd.Series(["x", None], dtype=object, index=[5, 5])}),
    "frame with doubled columns": pd.DataFrame([[1, 2]], columns=["a", "a"]),
    "frame with levels": pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])),
    "frame without columns": pd.DataFrame(index=["x", "y"]),
    "frame without rows": pd.DataFrame({"a": pd.Series([], dtype="float64")}),
}
NAMES = {"np": np, "pd": pd, "torch": torch, "scipy": scipy}


@pytest.mark.parametrize("value", WRITTEN.values(), ids=WRITTEN)
def test_code_of_a_value_makes_that_value(value):
    for part in value if isinstance(value, list) else [value]:
        assert encode(eval(literal(part), dict(NAMES))) == encode(part)


LARGE = {
    "array": (np.zeros(300), "... # array(shape=(300,), float64, [0, 0, 0, 0, 0, 0, …])"),
    "tensor": (torch.zeros(20, 20), "... # tensor(shape=(20, 20), float32, [0, 0, 0, 0, 0, 0, …])"),
    "frame": (pd.DataFrame(np.zeros((101, 2))), "... # DataFrame(101 rows; 0: float64, 1: float64)"),
    "function": (len, "... # <function len>"),
    "parts": (
        *([np.zeros(300), {"a": len}, 2],),
        "[..., {'a': ...}, 2] # array(shape=(300,), float64, [0, 0, 0, 0, 0, 0, …]); <function len>",
    ),
}


@pytest.mark.parametrize(("value", "code"), LARGE.values(), ids=LARGE)
def test_what_is_large_or_no_data_is_described_behind_the_code(value, code):
    assert literal(value) == code
    eval(code)


def test_large_sparse_matrix_is_described_in_one_line():
    code = literal(scipy.sparse.eye(30, format="csr"))

    assert code.startswith("... # <Compressed Sparse Row")
    assert "\n" not in code


def test_largest_array_that_is_written_out():
    assert "..." not in literal(np.zeros(MOST_VALUES))
    assert literal(np.zeros(MOST_VALUES + 1)).startswith("...")


SOURCE = """
import numpy as np

seen = []

def f(*args, **kwargs):
    seen.append((args, kwargs))
    return len(args)

class Model:
    def __init__(self, k):
        self.k = k
    def predict(self, X):
        seen.append(((X,), {"k": self.k}))
        return X * self.k
"""
FACTOR = 3
TABLE = {"a": np.array([nan])}


def triple(x):
    return x * FACTOR


def predict(module, X, *, k=1):
    """Model(k).predict(X)"""
    return module.Model(triple(k)).predict(X) + whole(math.pi) + np.nan_to_num(TABLE["a"])


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    path = tmp_path / "toy_answer.py"
    path.write_text(SOURCE)
    yield path
    sys.modules.pop("toy_answer", None)


def run(code):
    """What a snippet prints, and the submission that it used."""
    printed, names = io.StringIO(), {}
    with contextlib.redirect_stdout(printed):
        exec(code, names)
    return printed.getvalue().strip(), names["submission"]


CALLS = {
    "plain": ((1, "a"), {"gamma": 2.0}),
    "nothing": ((), {}),
    "arrays": ((np.array([[1.0, nan]]), np.zeros((0, 2))), {"axis": -1}),
    "tensors": ((torch.tensor([1.5, 2.5], requires_grad=True),), {"weight": torch.tensor([nan])}),
    "frames": ((pd.DataFrame({"a": [1], "b": ["x"]}), pd.Series([1.0], name="n")), {}),
    "sparse": ((scipy.sparse.csr_matrix(np.eye(2)),), {}),
    "many": (tuple(range(60)), {"text": "a  # b", "other": ["long " * 30]}),
}


@pytest.mark.parametrize(("args", "kwargs"), CALLS.values(), ids=CALLS)
def test_snippet_repeats_a_call(path, args, kwargs):
    printed, submission = run(snippet(Call("f", args, kwargs), path))

    assert printed == str(len(args))
    assert [bytes(encode(call)) for call in submission.seen] == [bytes(encode((args, kwargs)))]


def test_snippet_repeats_a_probe_with_all_that_it_uses(path):
    link = LocalLink(str(path))
    link.ask(load_request(path))
    submission = Submission(link, ["Model"])
    expected = submission.run(predict, np.array([1.0, 2.0]), k=2)
    printed, module = run(snippet(submission.history()[0], path))

    assert printed == str(expected) == "[ 9. 15.]"
    assert module.seen[0][1] == {"k": 6}


def test_snippet_imports_what_it_uses_and_nothing_else(path):
    imports = [line for line in snippet(Call("f", (1,), {}), path).splitlines() if "import" in line]
    assert imports == ["import toy_answer as submission"]

    code = snippet(Call("f", (np.zeros(1), torch.zeros(1)), {}), path)
    assert code.splitlines()[:4] == ["import numpy as np", "import torch", "import toy_answer as submission", ""]


def test_snippet_of_a_file_whose_name_is_no_identifier_runs(path):
    other = path.with_name("02-my answer.py")
    path.rename(other)
    printed, _ = run(snippet(Call("f", (1,), {}), other))

    assert printed == "1"
    del sys.modules["02-my answer"]


def test_short_call_stands_in_one_line_and_a_long_one_in_several(path):
    assert snippet(Call("f", (1, [2]), {"gamma": 2.0}), path).endswith("\nprint(submission.f(1, [2], gamma=2.0))")
    assert snippet(Call("f", (np.zeros(300), len), {"k": 1}), path).splitlines()[-5:] == [
        "print(submission.f(",
        "    ...,  # array(shape=(300,), float64, [0, 0, 0, 0, 0, 0, …])",
        "    ...,  # <function len>",
        "    k=1,",
        "))",
    ]


def test_snippet_with_something_left_out_is_still_python(path):
    printed, _ = run(snippet(Call("f", ([np.zeros(300), len],), {"x": {"a": torch.zeros(300)}}), path))

    assert printed == "1"
