"""What a check holds: plain copies, honest exceptions, gradients with values, and no way behind the border."""

from __future__ import annotations

import builtins
import types

import numpy as np
import pandas as pd
import pytest
import torch
from toy import load_request

from mlkata.compare import Mismatch
from mlkata.errors import SubmissionError, WireError, WorkerLost
from mlkata.links import LocalLink
from mlkata.submission import Observed, Submission, Target, Told, checked, identical, rebuild
from mlkata.worker import Worker

SOURCE = """
import builtins
import collections
import numpy as np
import torch

kept = np.zeros(3)
weights = torch.ones(3)
settings = {"scale": [1.0]}

class Model:
    def __init__(self, k=1):
        self.k = k
    def fit(self, X):
        self.mean = X.mean()
        return self
    def predict(self, X):
        return X * 0 + self.mean + self.k

class OwnArray(np.ndarray):
    pass

class OwnError(Exception):
    pass

class OwnValueError(ValueError):
    pass

class OwnStop(BaseException):
    pass

Point = collections.namedtuple("Point", "x y")

def same(x, *rest, **options):
    return x

def state():
    return {"kept": kept, "weights": weights, "settings": settings}

def numbers():
    def inner():
        yield 1
    return inner()

def odd(what):
    return {
        "function": same,
        "class": Model,
        "instance": Model(),
        "generator": numbers(),
        "subclass": kept.view(OwnArray),
        "namedtuple": Point(1, 2),
        "module": np,
        "bound method": Model().fit,
        "in a list": [1, same],
    }[what]

def square(x, y=None):
    return (x**2 if y is None else x**2 * y).sum()

def rows(x):
    return 2 * x

def detached(x, y):
    return (x.detach() * y).sum()

def number(x):
    return float(x.sum().detach())

def parts(x):
    return x.sum(), x

def writes(x, how="array"):
    if how == "array":
        x[0] = 99
    elif how == "tensor":
        x.mul_(2)
    elif how == "frame":
        x["new"] = 1
    elif how == "nested":
        x["a"][0].append(3)
    return 0

def fresh(x):
    return x.copy() if hasattr(x, "copy") else x.clone()

def view(x):
    return x[1:]

def raises(what, *args):
    helper(what, *args)

def helper(what, *args):
    raise {**vars(builtins), **globals()}[what](*args)

def decodes():
    b"\\xff".decode("utf-8")

def group():
    raise ExceptionGroup("several", [ValueError("one")])

def chained():
    try:
        raise ValueError("first")
    except ValueError as error:
        raise TypeError("second") from error

def apply(function, *args):
    return function(*args)

def not_yet():
    raise NotImplementedError("implement not_yet")
"""

ENTRY = (
    *("Model", "same", "state", "odd", "square", "rows", "detached", "number", "parts", "writes", "fresh", "view"),
    *("raises", "decodes", "group", "chained", "apply", "not_yet"),
)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("submission") / "answer.py"
    path.write_text(SOURCE)
    return path


def load(path, **options):
    link = LocalLink(str(path), **options)
    assert "value" in link.ask(load_request(path))
    return Submission(link, ENTRY)


@pytest.fixture
def submission(path):
    return load(path)


def predict(module, X, **options):
    """Model(**options).fit(X).predict(X)"""
    return module.Model(**options).fit(X).predict(X)


def read_state(module):
    return module.state()


def grad_probe(module, x):
    return module.square(x)


# The border


def reachable(root):
    """Everything that attributes, slots, closures, containers, tracebacks and frames lead to; not modules' contents."""
    seen, waiting = {}, [root]
    while waiting:
        value = waiting.pop()
        if id(value) in seen or isinstance(value, (type, str, bytes, int, float, np.ndarray, torch.Tensor)):
            continue
        seen[id(value)] = value
        waiting += parts_of(value)
    return list(seen.values())


def parts_of(value):
    match value:
        case types.ModuleType():
            return []
        case types.FunctionType():
            cells = [cell.cell_contents for cell in value.__closure__ or ()]
            return [*cells, value.__defaults__, value.__kwdefaults__, value.__dict__, value.__code__]
        case types.MethodType():
            return [value.__self__, value.__func__]
        case types.TracebackType():
            return [value.tb_frame, value.tb_next]
        case types.FrameType():
            return [value.f_code, *value.f_locals.values()]
        case dict():
            return [*value.keys(), *value.values()]
        case list() | tuple() | set() | frozenset():
            return list(value)
    slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    found = [getattr(value, name, None) for name in slots]
    found += list(getattr(value, "__dict__", {}).values())
    if isinstance(value, BaseException):
        found += [value.args, value.__traceback__, value.__cause__, value.__context__]
    if isinstance(value, (Submission, Target, Observed)):
        found += [getattr(type(value), name) for name in dir(type(value))]
    return found


def behind_the_border(root, path):
    """What of the submission, its module or its worker can be reached from something that a check holds."""
    return [
        value
        for value in reachable(root)
        if isinstance(value, (Worker, types.ModuleType))
        or (isinstance(value, types.CodeType) and value.co_filename == str(path))
        or type(value).__module__.startswith("submission_")
    ]


RESULTS = {
    "submission": lambda submission: submission,
    "entry": lambda submission: submission.same,
    "probe": lambda submission: submission.probe(predict),
    "result": lambda submission: submission.state(),
    "result of a probe": lambda submission: submission.run(read_state),
    "observed": lambda submission: submission.same.observe({"a": np.zeros(2)}, [1], key=(2, 3)),
    "gradients": lambda submission: submission.square.value_and_grad(torch.ones(2), wrt="x"),
    "history": lambda submission: (submission.same(1), submission.history()),
}


@pytest.mark.parametrize("get", RESULTS.values(), ids=RESULTS)
def test_nothing_of_the_submission_can_be_reached_from_what_a_check_holds(submission, path, get):
    assert behind_the_border(get(submission), path) == []


RAISING = {
    "builtin": lambda submission: submission.raises("ValueError", "x"),
    "own": lambda submission: submission.raises("OwnError", "x"),
    "own outside Exception": lambda submission: submission.raises("OwnStop", "x"),
    "chained": lambda submission: submission.chained(),
    "not plain": lambda submission: submission.odd("instance"),
    "no gradient": lambda submission: submission.detached.value_and_grad(torch.ones(1), torch.ones(1), wrt="x"),
    "attribute": lambda submission: submission.module,
}


@pytest.mark.parametrize("act", RAISING.values(), ids=RAISING)
def test_nothing_of_the_submission_can_be_reached_from_an_exception(submission, path, act):
    with pytest.raises(Exception) as caught:  # noqa: PT011
        act(submission)

    assert behind_the_border(caught.value, path) == []


def test_nothing_of_the_submission_can_be_reached_from_the_exception_of_a_function_it_calls(submission, path):
    error = ValueError("from the grader")

    def function():
        raise error

    with pytest.raises(RuntimeError):
        submission.apply(function)
    assert behind_the_border(error, path) == []


def test_what_leads_behind_the_border_is_found(path):
    """The search is no empty gesture: with frames kept for a debugger there is a way, and it is seen."""
    with pytest.raises(ValueError, match="x") as caught:
        load(path, keep_frames=True).raises("ValueError", "x")

    assert any(isinstance(value, types.CodeType) for value in behind_the_border(caught.value, path))
    assert behind_the_border([{"worker": Worker(str(path))}], path) != []


def test_result_shares_no_memory_with_what_the_module_keeps(submission):
    for _ in range(2):
        found = submission.state()
        assert found["kept"].tolist() == [0, 0, 0]
        assert found["weights"].tolist() == [1, 1, 1]
        assert found["settings"] == {"scale": [1.0]}
        found["kept"][:] = 5
        found["weights"][:] = 5
        found["settings"]["scale"].append(5)


def test_arguments_are_copies(submission):
    array, tensor, numbers, frame = np.zeros(2), torch.ones(2), {"a": [[1]]}, pd.DataFrame({"a": [1]})
    submission.writes(array)
    submission.writes(tensor, how="tensor")
    submission.writes(frame, how="frame")
    submission.writes(numbers, how="nested")

    assert array.tolist() == [0, 0]
    assert tensor.tolist() == [1, 1]
    assert list(frame) == ["a"]
    assert numbers == {"a": [[1]]}


@pytest.mark.parametrize("name", ["kept", "helper", "numpy", "__dict__x", "_module", "__globals__"])
def test_only_entries_are_attributes(submission, name):
    with pytest.raises(AttributeError, match=r"a submission has Model, same, .* run and probe; not"):
        getattr(submission, name)


@pytest.mark.parametrize(
    ("what", "name"),
    [
        *(("function", "builtins.function"), ("class", "builtins.type"), ("instance", "submission_toy.Model")),
        *(("generator", "builtins.generator"), ("subclass", "submission_toy.OwnArray")),
        *(("namedtuple", "submission_toy.Point"), ("module", "builtins.module"), ("in a list", "builtins.function")),
        ("bound method", "builtins.method"),
    ],
)
def test_result_that_is_no_plain_data_is_refused_and_says_what_to_return(submission, what, name):
    with pytest.raises(Mismatch) as caught:
        submission.odd(what)

    assert caught.value.broken == (
        "odd returned something that cannot be compared: return numbers, arrays or containers of them"
    )
    assert f"is of type {name}, which is no plain data" in caught.value.details[0]


# Calls


def test_entry_is_called_with_its_arguments(submission):
    assert submission.same(3, key="x") == 3
    assert submission.square(torch.tensor([1.0, 2.0])).item() == 5.0


def test_probe_drives_a_class(submission):
    assert submission.run(predict, np.array([1.0, 3.0]), k=10).tolist() == [12.0, 12.0]


def test_probe_that_differs_in_its_defaults_alone_is_another(submission):
    def make(k):
        def probe(module, x, k=k):
            return module.same(x) + k

        return probe

    assert [submission.run(make(k), 0) for k in (1, 2, 3)] == [1, 2, 3]


def test_probe_is_known_by_its_docstring(submission):
    submission.run(predict, np.zeros(2))
    submission.run(read_state)

    assert [call.name for call in submission.history()] == ["Model(**options).fit(X).predict(X)", "read_state"]


def test_history_keeps_calls_and_what_is_remembered_until_it_is_forgotten(submission):
    submission.same(1, key=2)
    with pytest.raises(ValueError, match="x"):
        submission.raises("ValueError", "x")
    submission.remember("elsewhere", (3,), {})
    history = submission.history()

    assert [(call.name, call.args, call.kwargs) for call in history] == [
        ("same", (1,), {"key": 2}),
        ("raises", ("ValueError", "x"), {}),
        ("elsewhere", (3,), {}),
    ]
    submission.forget()
    assert submission.history() == []
    assert len(history) == 3


def test_arguments_of_the_check_that_are_no_plain_data_are_refused(submission):
    with pytest.raises(WireError, match=r"\['args'\]\[0\] is of type builtins.object"):
        submission.same(object())


# Gradients


def test_value_and_gradient_are_those_of_the_formula(submission):
    x = torch.tensor([1.0, -2.0, 3.0])
    value, gradients = submission.square.value_and_grad(x, wrt="x")

    assert value.item() == 14.0
    assert gradients["x"].tolist() == [2.0, -4.0, 6.0]
    assert not x.requires_grad


def test_gradients_of_several_arguments_are_found_by_name(submission):
    x, y = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0])
    _, gradients = submission.square.value_and_grad(x, y=y, wrt=("y", "x"))

    assert gradients["x"].tolist() == [6.0, 16.0]
    assert gradients["y"].tolist() == [1.0, 4.0]


def test_value_that_is_no_scalar_is_summed(submission):
    value, gradients = submission.rows.value_and_grad(torch.ones(2, 2), wrt="x")

    assert value.shape == (2, 2)
    assert gradients["x"].tolist() == [[2.0, 2.0], [2.0, 2.0]]


def test_cotangent_weights_the_sum(submission):
    cotangent = torch.tensor([[1.0, 2.0], [0.0, -1.0]])
    _, gradients = submission.rows.value_and_grad(torch.ones(2, 2), wrt="x", cotangent=cotangent)

    assert gradients["x"].tolist() == [[2.0, 4.0], [0.0, -2.0]]


def test_gradient_of_a_probe(submission):
    value, gradients = submission.probe(grad_probe).value_and_grad(torch.tensor([3.0]), wrt="x")

    assert (value.item(), gradients["x"].item()) == (9.0, 6.0)


@pytest.mark.parametrize("name", ["detached", "number", "parts"])
def test_argument_that_no_gradient_reaches_is_named(submission, name):
    args = (torch.ones(2), torch.ones(2))[: 2 if name == "detached" else 1]

    with pytest.raises(
        Mismatch, match=r"no gradient reaches x: was it detached, rounded, or turned into plain numbers\?"
    ):
        getattr(submission, name).value_and_grad(*args, wrt="x")


def test_gradient_reaches_one_argument_and_not_the_other(submission):
    x, y = torch.ones(2), torch.ones(2)
    _, gradients = submission.detached.value_and_grad(x, y, wrt="y")

    assert gradients["y"].tolist() == [1.0, 1.0]
    with pytest.raises(Mismatch, match="no gradient reaches x"):
        submission.detached.value_and_grad(x, y, wrt=("y", "x"))


# What becomes of arguments

CHANGED = {
    "array": (np.array([np.nan, 1.0]), "array", np.array([99.0, 1.0])),
    "tensor": (torch.tensor([1.0, 2.0]), "tensor", torch.tensor([2.0, 4.0])),
    "list": ([1, 2], "array", [99, 2]),
    "frame": (pd.DataFrame({"a": [1]}), "frame", pd.DataFrame({"a": [1], "new": [1]})),
    "series": (pd.Series([1.0, 2.0]), "array", pd.Series([99.0, 2.0])),
    "nested": ({"a": [[1]]}, "nested", {"a": [[1, 3]]}),
}


@pytest.mark.parametrize(("value", "how", "after"), CHANGED.values(), ids=CHANGED)
def test_argument_that_is_written_to_is_seen(submission, value, how, after):
    observed = submission.writes.observe(value, how=how)

    assert observed.value == 0
    assert observed.before["0"] is value
    assert identical(observed.after["0"], after)
    with pytest.raises(Mismatch, match="argument 1 was changed by the call: work on a copy"):
        observed.assert_unchanged()


def test_keyword_argument_that_is_written_to_is_named(submission):
    observed = submission.writes.observe(x=np.zeros(2))

    with pytest.raises(Mismatch, match=r"the argument x was changed by the call: work on a copy \(see Arguments\)$"):
        observed.assert_unchanged(hint="see Arguments")


grown = set(range(100))
grown -= set(range(100)) - {1, 8, 9}
LEFT_ALONE = {
    "NaN": np.array([np.nan, -0.0]),
    "nan tensor": torch.tensor([float("nan"), 1.0], dtype=torch.bfloat16),
    "transposed": np.arange(6.0).reshape(2, 3).T,
    "broadcast": torch.zeros(3).expand(2, 3),
    "objects": np.array([None, "a", float("nan")], dtype=object),
    "nested": {"a": [1, (np.zeros(2), float("nan"))]},
    "set": grown,
    "set in a list": [grown],
    "text as objects": pd.DataFrame({"a": pd.Series(["x", None], dtype=object), "b": [1, 2]}),
    "categories": pd.Series(["a", None], dtype="category", index=[5, 6]),
    "function": len,
    "parameter": torch.nn.Parameter(torch.ones(2)),
    "number": 1.5,
    "sparse tensor": torch.eye(2).to_sparse(),
}


@pytest.mark.parametrize("value", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_argument_that_is_left_alone_passes(submission, value):
    submission.writes.observe(value, how="nothing").assert_unchanged()


def test_what_shares_memory_with_the_result_is_named(submission):
    array, other = np.zeros(3), np.zeros(3)

    assert submission.same.observe(array, other).shared == ("0",)
    assert submission.same.observe(array, copy=other).shared == ("0",)
    assert submission.same.observe(x=array).shared == ("x",)
    with pytest.raises(Mismatch, match=r"the result shares memory with argument 1: return a new one \(copy\)"):
        submission.view.observe(array).assert_fresh(hint="copy")


@pytest.mark.parametrize(
    "value", [np.zeros(3), torch.zeros(3), [1, 2, 3], pd.Series([1.0, 2.0])], ids=["array", "tensor", "list", "series"]
)
def test_result_that_is_the_argument_is_not_fresh_and_a_copy_is(submission, value):
    with pytest.raises(Mismatch, match="the result shares memory with argument 1"):
        submission.same.observe(value).assert_fresh()
    submission.fresh.observe(value).assert_fresh()


def test_observing_a_probe(submission):
    observed = submission.probe(grad_probe).observe(torch.ones(2))

    assert observed.value.item() == 2.0
    observed.assert_unchanged()


SAME = [
    *((1, 1), (float("nan"), float("nan")), ([1, float("nan")], [1, float("nan")])),
    *((np.zeros((2, 3)).T, np.zeros((3, 2))), ({1, 8}, {8, 1})),
]
DIFFERENT = [
    *((1, 1.0), (0.0, -0.0), (np.zeros(2), np.zeros(2, "f4")), (np.zeros(2), np.zeros((2, 1))), ([1], (1,))),
    *((1, True), (torch.zeros(2), np.zeros(2, "f4")), ({"a": 1, "b": 2}, {"b": 2, "a": 1}), ([len], [len])),
]


@pytest.mark.parametrize(("one", "two"), SAME, ids=repr)
def test_identical_values_are_told(one, two):
    assert identical(one, two)


@pytest.mark.parametrize(("one", "two"), DIFFERENT, ids=repr)
def test_values_that_differ_in_type_or_bits_are_not_identical(one, two):
    assert not identical(one, two)


# Exceptions

RAISED = {
    "ValueError": ("ValueError", ValueError),
    "TypeError": ("TypeError", TypeError),
    "IndexError": ("IndexError", IndexError),
    "ZeroDivisionError": ("ZeroDivisionError", ZeroDivisionError),
    "FileNotFoundError": ("FileNotFoundError", FileNotFoundError),
    "AssertionError": ("AssertionError", AssertionError),
    "StopIteration": ("StopIteration", StopIteration),
    "RecursionError": ("RecursionError", RecursionError),
    "subclass": ("OwnValueError", ValueError),
    "own": ("OwnError", SubmissionError),
    "own outside Exception": ("OwnStop", SubmissionError),
    "exit": ("SystemExit", SubmissionError),
    "NotImplementedError": ("NotImplementedError", NotImplementedError),
}


@pytest.mark.parametrize(("name", "kind"), RAISED.values(), ids=RAISED)
def test_exception_is_raised_again_as_the_nearest_builtin_one(submission, name, kind):
    with pytest.raises(kind) as caught:
        submission.raises(name, "the reason")

    assert type(caught.value) is kind
    assert str(caught.value) == ("the reason" if kind is not SubmissionError else f"{name}: the reason")
    assert (caught.value.told.type, caught.value.told.message) == (name, "the reason")


def test_key_of_a_key_error_is_its_text(submission):
    with pytest.raises(KeyError) as caught:
        submission.raises("KeyError", "missing")

    assert caught.value.args == ("missing",)
    assert caught.value.told.message == "missing"


def test_exception_that_takes_more_than_a_text_is_raised_as_its_nearest_parent(submission):
    with pytest.raises(UnicodeError) as caught:
        submission.decodes()
    assert type(caught.value) is UnicodeError
    assert caught.value.told.type == "UnicodeDecodeError"

    with pytest.raises(SubmissionError, match="ExceptionGroup: several"):
        submission.group()


@pytest.mark.parametrize(
    "name",
    sorted(name for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, Exception)),
)
def test_every_builtin_exception_can_be_told_of(name):
    ancestors = [kind.__name__ for kind in getattr(builtins, name).__mro__]
    error = rebuild({"type": name, "message": "m", "ancestors": ancestors, "frames": []})

    assert isinstance(error, (SubmissionError, *getattr(builtins, name).__mro__[:-2]))
    assert error.told == Told(name, "m", [])


OWN_LINES = ("helper(what, *args)", "raise {**vars(builtins), **globals()}[what](*args)")


def test_story_names_the_own_lines_of_the_submission_alone(submission):
    with pytest.raises(ValueError, match="x") as caught:
        submission.raises("ValueError", "x")

    numbers = [SOURCE.splitlines().index(f"    {line}") + 1 for line in OWN_LINES]
    assert caught.value.told.frames == list(zip(numbers, ("raises", "helper"), OWN_LINES, strict=True))


def test_not_implemented_is_recognised_by_its_type(submission):
    with pytest.raises(NotImplementedError, match="implement not_yet") as caught:
        submission.not_yet()

    assert caught.value.told.type == "NotImplementedError"


def test_names_that_are_no_exceptions_are_not_called():
    story = {
        "type": "X",
        "message": "m",
        "ancestors": ["print", "int", "exit", "no_such_name", "Exception"],
        "frames": [],
    }

    assert type(rebuild(story)) is SubmissionError


NONSENSE = [
    {},
    {"type": "X"},
    {"type": "X", "message": "m", "ancestors": 3, "frames": []},
    {"type": "X", "message": "m", "ancestors": [], "frames": [(1, 2)]},
    {"type": "X", "message": "m", "ancestors": [], "frames": [("a", "b", "c")]},
    {"type": "X", "message": "m", "ancestors": [], "frames": 3},
    3,
]


@pytest.mark.parametrize("story", NONSENSE, ids=repr)
def test_story_that_makes_no_sense_is_nonsense_of_the_worker(story):
    with pytest.raises(WorkerLost, match="answered nonsense") as caught:
        checked({"error": story}, "f")
    assert caught.value.how == "spoke nonsense"


def test_answer_without_a_value_is_nonsense_of_the_worker():
    with pytest.raises(WorkerLost):
        checked({}, "f")


# Functions as arguments


def test_calls_of_a_function_can_be_counted(submission):
    calls = []

    def function(*args):
        calls.append(args)
        return 2 * args[0]

    assert submission.apply(function, 3, "x") == 6
    assert calls == [(3, "x")]


def test_function_of_the_check_gets_copies(submission):
    array, kept = np.zeros(2), []
    result = submission.apply(lambda x: kept.append(x) or x, array)
    kept[0][:] = 5
    result[:] = 7

    assert array.tolist() == [0, 0]
    assert kept[0].tolist() == [5, 5]


def test_exception_of_a_function_of_the_check_reaches_the_check_through_the_submission(submission):
    def function():
        raise ValueError("too many calls")

    with pytest.raises(RuntimeError, match="too many calls") as caught:
        submission.apply(function)
    assert [frame[1] for frame in caught.value.told.frames] == ["apply"]


def make(module, kind):
    """something large or small, of several kinds"""
    nowhere = torch.zeros((2, 0), dtype=torch.int64)
    return {
        "small": lambda: [1.0, {"a": np.ones(3)}, torch.ones(2), "text", None],
        "sparse tensor": lambda: torch.eye(3).to_sparse(),
        "sparse tensor of little that stands for much": lambda: torch.sparse_coo_tensor(nowhere, [], (10**4, 10**4)),
        "large array": lambda: np.zeros(10**6),
        "large text": lambda: "x" * 5_000_000,
        "many numbers": lambda: list(range(10**5)),
        "long index": lambda: pd.RangeIndex(10**7),
    }[kind]()


@pytest.mark.parametrize(
    ("kind", "kept"),
    [
        ("small", True),
        ("sparse tensor", True),
        ("sparse tensor of little that stands for much", False),
        ("large array", False),
        ("large text", False),
        ("many numbers", False),
        ("long index", False),
    ],
)
def test_answers_are_kept_where_they_take_little_memory(submission, kind, kept):
    submission.run(make, kind)

    assert (submission.history()[-1].answer is not None) is kept
