"""A worker loads a submission, answers whatever happens in it, and sees what is shared and how much is run."""

from __future__ import annotations

import random
import sys

import numpy as np
import pandas as pd
import pytest
import torch
from toy import load_request

from mlkata.worker import Worker, count_lines, shares_memory, tell

SOURCE = """
import numpy as np

calls = []

def f(x, y=2, *rest, scale, **options):
    calls.append(x)
    return x * scale + y

def total(n):
    result = 0
    for i in range(n):
        result += i
    return result

def fails(x):
    raise LookupError("not there")

class Model:
    def __init__(self, k=3): ...
    def fit(self, X, y): ...
    @staticmethod
    def distance(a, b): ...
    @classmethod
    def load(cls, path): ...
    def wrapped(*args, **kwargs): ...
    size = 5

number = 5
empty = None
"""


@pytest.fixture
def worker(tmp_path):
    path = tmp_path / "answer.py"
    path.write_text(SOURCE)
    worker = Worker(str(path))
    assert "value" in worker.answer(load_request(path))
    return worker


def call(worker, target, *args, **kwargs):
    return worker.answer({"do": "call", "target": target, "args": args, "kwargs": kwargs})


def test_load_tells_what_the_entries_are(worker):
    methods = ["fit", "distance", "load", "wrapped", "size", "missing"]
    entry = {"f": [], "Model": methods, "number": [], "empty": [], "absent": []}
    found = worker.answer(load_request(worker.path, entry))["value"]

    assert found["f"] == {
        "kind": "function",
        "parameters": [
            ("x", "POSITIONAL_OR_KEYWORD", False),
            ("y", "POSITIONAL_OR_KEYWORD", True),
            ("rest", "VAR_POSITIONAL", False),
            ("scale", "KEYWORD_ONLY", False),
            ("options", "VAR_KEYWORD", False),
        ],
    }
    assert found["Model"]["kind"] == "class"
    assert found["Model"]["parameters"] == [("k", "POSITIONAL_OR_KEYWORD", True)]
    assert found["number"] == {"kind": "int"}
    assert found["empty"] == found["absent"] == {"kind": "missing"}


def test_methods_are_told_of_as_an_instance_is_called(worker):
    entry = {"Model": ["fit", "distance", "load", "wrapped", "size", "missing"]}
    methods = worker.answer(load_request(worker.path, entry))["value"]["Model"]["methods"]

    names = {name: [parameter[0] for parameter in parameters] for name, parameters in methods.items()}
    assert names == {"fit": ["X", "y"], "distance": ["a", "b"], "load": ["path"], "wrapped": ["args", "kwargs"]}


def test_module_is_known_by_a_name_of_its_own(worker):
    assert sys.modules["submission_toy"].__file__ == worker.path


def test_what_a_submission_raises_is_an_answer(worker):
    error = call(worker, "fails", 1)["error"]

    assert error["type"] == "LookupError"
    assert error["message"] == "not there"
    assert error["ancestors"][0] == "LookupError"
    assert error["frames"] == [(17, "fails", 'raise LookupError("not there")')]


def test_wrong_call_is_an_answer(worker):
    assert call(worker, "f", 1)["error"]["type"] == "TypeError"
    assert call(worker, "absent")["error"]["type"] == "AttributeError"


@pytest.mark.parametrize(
    "kind", ["SystemExit", "GeneratorExit", "Own", "MemoryError", "RecursionError", "StopIteration"]
)
def test_every_exception_of_a_submission_is_an_answer(tmp_path, kind):
    path = tmp_path / "answer.py"
    path.write_text(f"class Own(BaseException): pass\ndef f(): raise {kind}('x')\n")
    worker = Worker(str(path))
    worker.answer(load_request(path))

    assert call(worker, "f")["error"]["type"] == kind


def test_interrupt_and_the_end_of_a_check_go_through(tmp_path):
    path = tmp_path / "answer.py"
    path.write_text("def f(function): function()\n")
    worker = Worker(str(path))
    worker.answer(load_request(path))

    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call(worker, "f", interrupted)
    with pytest.raises(pytest.fail.Exception):
        call(worker, "f", lambda: pytest.fail("Timeout"))


def test_text_of_an_exception_is_plain_text(tmp_path):
    path = tmp_path / "answer.py"
    path.write_text(
        "class Text(str): pass\n"
        "class Odd(Exception):\n    def __str__(self): return Text('odd')\n"
        "class Mute(Exception):\n    def __str__(self): raise ValueError\n"
        "def f(): raise Odd\ndef g(): raise Mute\ndef h(): raise KeyError('k', 2)\ndef i(): raise KeyError\n"
    )
    worker = Worker(str(path))
    worker.answer(load_request(path))
    messages = [call(worker, name)["error"]["message"] for name in "fghi"]

    assert messages == ["odd", "(the exception has no text)", "k", ""]
    assert type(messages[0]) is str


def test_frames_are_kept_only_where_they_are_asked_for(tmp_path):
    path = tmp_path / "answer.py"
    path.write_text("def f(): raise ValueError\n")
    for keep in (False, True):
        worker = Worker(str(path), keep_frames=keep)
        worker.answer(load_request(path))
        call(worker, "f")
        assert isinstance(worker.last_error, ValueError) is keep


def test_tell_names_the_last_five_own_lines_and_no_others(tmp_path):
    path = tmp_path / "answer.py"
    path.write_text("import json\ndef f(n):\n    return json.loads('{') if n == 0 else f(n - 1)\n")
    space = {}
    exec(compile(path.read_text(), str(path), "exec"), space)
    try:
        space["f"](9)
    except ValueError as error:
        story = tell(error, str(path))

    assert story["frames"] == [(3, "f", "return json.loads('{') if n == 0 else f(n - 1)")] * 5
    assert story["ancestors"] == ["ValueError", "Exception", "BaseException", "object"]


def test_tell_shows_the_line_of_a_syntax_error(tmp_path):
    path = tmp_path / "answer.py"
    path.write_text("x = 1\nx = = 2\n")
    story = Worker(str(path)).answer(load_request(path))["error"]

    assert story["frames"] == [(2, "", "x = = 2")]
    assert story["message"] == "invalid syntax"


def test_prepared_call_is_run_once_for_each_of_its_arguments(worker):
    request = {"do": "prepare", "target": "f", "series": [(1,), (2,), (3,)], "kwargs": {"scale": 10}}

    assert worker.answer(request) == {"value": None}
    assert sys.modules["submission_toy"].calls == []
    assert worker.answer({"do": "go"}) == {"value": None}
    assert sys.modules["submission_toy"].calls == [1, 2, 3]
    assert worker.answer({"do": "fetch"}) == {"value": [12, 22, 32]}
    assert worker.answer({"do": "fetch"}) == {"value": []}


def test_lines_of_the_submission_are_counted_up_to_a_bound(worker):
    worker.answer({"do": "prepare", "target": "total", "series": [(100,)], "kwargs": {}})

    assert worker.answer({"do": "count_lines", "most": 10_000}) == {"value": 203}
    assert worker.answer({"do": "count_lines", "most": 50}) == {"value": 50}


def test_lines_of_other_files_are_not_counted(worker):
    assert count_lines(lambda: sum(n for n in range(100)), worker.path, 1000) == 0


def test_tracing_ends_with_the_count(worker):
    before = sys.gettrace()
    with pytest.raises(ZeroDivisionError):
        count_lines(lambda: 1 / 0, worker.path, 1000)

    assert sys.gettrace() is before


ARRAY = np.arange(6.0)
TENSOR = torch.arange(6.0)
NUMBERS = [1, 2]
SERIES = pd.Series([1.0, 2.0])
SHARED = {
    "array itself": (ARRAY, ARRAY),
    "view": (ARRAY[2:4], ARRAY),
    "reversed": (ARRAY[::-1], ARRAY[:2]),
    "array in a container": ({"a": (1, [ARRAY])}, ARRAY),
    "tensor itself": (TENSOR, TENSOR),
    "view of a tensor": (TENSOR.view(2, 3), TENSOR),
    "tensor of an array": (torch.from_numpy(ARRAY), ARRAY),
    "bfloat16 over an array": (torch.from_numpy(ARRAY).view(torch.bfloat16), ARRAY),
    "sparse tensor itself": (sparse := torch.eye(2).to_sparse(), sparse),
    "detached": (TENSOR.detach(), TENSOR),
    "list itself": (NUMBERS, NUMBERS),
    "list in a list": ([NUMBERS], NUMBERS),
    "dict itself": (keys := {"a": 1}, keys),
    "set in a tuple": ((names := {"a"},), names),
    "array of a series": (SERIES.to_numpy(), SERIES),
    "column of a frame": (frame := pd.DataFrame({"a": [1.0], "b": ["x"]}), frame["a"].to_numpy()),
}
APART = {
    "copy": (ARRAY.copy(), ARRAY),
    "other half": (ARRAY[:3], ARRAY[3:]),
    "clone": (TENSOR.clone(), TENSOR),
    "empty tensors": (torch.zeros(0), torch.zeros(0)),
    "bfloat16 beside an array": (torch.zeros(2, dtype=torch.bfloat16), ARRAY),
    "sparse tensors": (torch.eye(2).to_sparse(), torch.eye(2).to_sparse()),
    "equal lists": ([1, 2], [1, 2]),
    "the same tuple": (pair := (1, 2), pair),
    "the same scalar": (number := np.float64(1.0), number),
    "numbers": (1.5, 1.5),
    "copy of a series": (SERIES.copy(), SERIES),
    "array and list": (ARRAY, [1.0]),
}


@pytest.mark.parametrize(("value", "other"), SHARED.values(), ids=SHARED)
def test_shared_memory_is_seen(value, other):
    assert shares_memory(value, other)


@pytest.mark.parametrize(("value", "other"), APART.values(), ids=APART)
def test_separate_memory_is_not_taken_for_shared(value, other):
    assert not shares_memory(value, other)


def test_global_generators_are_seeded(tmp_path):
    path = tmp_path / "drawing.py"
    path.write_text(
        "import random\nimport numpy\nimport torch\n"
        "def f():\n    return random.random(), float(numpy.random.rand()), float(torch.rand(()))\n"
    )
    worker = Worker(str(path))
    worker.answer(load_request(path))
    before = random.getstate(), np.random.get_state(), torch.get_rng_state()
    draws = []
    for seed in (3, 3, 4):
        worker.answer({"do": "seed", "seed": seed})
        draws.append(call(worker, "f")["value"])
    random.setstate(before[0])
    np.random.set_state(before[1])
    torch.set_rng_state(before[2])

    assert draws[0] == draws[1]
    assert not set(draws[0]) & set(draws[2])
