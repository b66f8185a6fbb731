"""Automatic wrong answers do one careless thing each to whatever they are given, and tell whether they had occasion."""

from __future__ import annotations

import contextlib
import json
import math
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from toy import toy_catalogue

from mlkata.automatic import IDEAS, automatic_answers, idle_answer, watched_reference
from mlkata.catalog import Catalog

GIVE = """
def give(x, value=None, *, scale=2.0):
    return value
"""

SCALER = '''
"""A class, and what is none of its entries."""


class Scaler:
    def __init__(self, factor=2, *, shift=0):
        self.factor, self.shift = factor, shift

    def fit(self, X, weights=None):
        self.n = len(X)
        return self

    def scale(self, X, by=1):
        return [item * self.factor * by + self.shift for item in X]

    def _hidden(self, option=1):
        return option


class Other:
    def method(self, option=1):
        return option


def helper(option=1):
    return option
'''

VARIADIC = """
def total(first, /, second=0, *others, base, scale=1, **named):
    return base + scale * (first + second + sum(others) + sum(named.values()))
"""


def answers(source, *entry):
    """The automatic wrong answers to an exercise that asks for these entries, by name."""
    return {answer.name: answer for answer in automatic_answers(SimpleNamespace(entry=entry), source)}


def load(source, name):
    """The module of one automatic wrong answer to an exercise that asks for what the name names."""
    entry = name.partition(":")[2].partition(".")[0]
    module = SimpleNamespace()
    exec(answers(source, entry)[name].source, module.__dict__)
    return module


def same(one, other):
    return (
        type(one) is type(other) and getattr(one, "dtype", 0) == getattr(other, "dtype", 0) and repr(one) == repr(other)
    )


def test_function_has_an_answer_for_each_idea_and_option():
    assert list(answers(GIVE, "give")) == [
        *(f"{idea}:give" for idea in IDEAS),
        "ignores_value:give",
        "ignores_scale:give",
    ]


def test_class_has_them_for_public_methods_and_the_options_of_its_constructor():
    assert set(answers(SCALER, "Scaler")) == {
        *(f"{idea}:Scaler.{method}" for idea in IDEAS for method in ("fit", "scale")),
        "ignores_factor:Scaler",
        "ignores_shift:Scaler",
        "ignores_weights:Scaler.fit",
        "ignores_by:Scaler.scale",
    }


def test_parameter_without_a_default_is_no_option():
    assert [name for name in answers(VARIADIC, "total") if name.startswith("ignores")] == [
        "ignores_second:total",
        "ignores_scale:total",
    ]


def test_answer_says_what_it_does():
    assert answers(GIVE, "give")["returns_zeros:give"].what == "give returns zeros in the right shape"
    assert answers(GIVE, "give")["ignores_scale:give"].what == "give ignores scale"
    assert answers(SCALER, "Scaler")["ignores_shift:Scaler"].what == "Scaler ignores shift"


def test_toy_exercise_has_its_answers(tmp_path):
    exercise = Catalog(toy_catalogue(tmp_path)).exercise("double")

    found = [answer.name for answer in automatic_answers(exercise, exercise.reference.read_text())]

    assert found == [*(f"{idea}:double" for idea in IDEAS), "ignores_times:double"]


@pytest.mark.parametrize("name", answers(GIVE, "give"))
def test_name_and_docstring_of_the_function_stay(name):
    give = load(GIVE, name).give

    assert give.__name__ == "give"


NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("idea", "value", "expected"),
    [
        ("returns_zeros", 3, 0),
        ("returns_zeros", 2.5, 0.0),
        ("returns_zeros", True, False),
        ("returns_zeros", 1j, 0j),
        ("returns_zeros", "text", ""),
        ("returns_zeros", [1, [2.5, "a"]], [0, [0.0, ""]]),
        ("returns_zeros", (1, 2.5), (0, 0.0)),
        ("returns_zeros", {"a": 1, "b": [2]}, {"a": 0, "b": [0]}),
        ("returns_zeros", np.array([[1.5, NAN]]), np.array([[0.0, 0.0]])),
        ("returns_zeros", np.array([1, 2], dtype=np.int8), np.array([0, 0], dtype=np.int8)),
        ("casts_to_float32", 0.1, float(np.float32(0.1))),
        ("casts_to_float32", [0.1, 3], [float(np.float32(0.1)), 3]),
        ("casts_to_float32", np.array([0.1, 2.0]), np.array([0.1, 2.0], dtype=np.float32)),
        ("casts_to_float32", np.float64(0.1), np.float32(0.1)),
        ("casts_to_int", 2.7, 2),
        ("casts_to_int", (-2.7, INF, True), (-2, INF, True)),
        ("casts_to_int", np.array([2.7, -2.7]), np.array([2, -2])),
        ("casts_to_int", np.array([2.5], dtype=np.float32), np.array([2])),
    ],
)
def test_what_is_returned_is_changed(idea, value, expected):
    module = load(GIVE, f"{idea}:give")

    assert same(module.give("x", value), expected)
    assert module._mlkata_applied


@pytest.mark.parametrize(
    ("idea", "value"),
    [
        ("returns_zeros", None),
        ("casts_to_float32", 0.5),
        ("casts_to_float32", 3),
        ("casts_to_float32", NAN),
        ("casts_to_float32", "text"),
        ("casts_to_float32", np.array([0.1], dtype=np.float32)),
        ("casts_to_float32", np.array([1, 2])),
        ("casts_to_int", 3),
        ("casts_to_int", NAN),
        ("casts_to_int", np.array([True, False])),
        ("casts_to_int", None),
    ],
)
def test_what_gives_no_occasion_is_returned_as_it_is(idea, value):
    module = load(GIVE, f"{idea}:give")

    assert same(module.give("x", value), value)
    assert not module._mlkata_applied


@pytest.mark.parametrize("x", [[1, 2], np.array([1, 2])])
def test_data_that_is_both_given_and_returned_is_changed(x):
    module = load("def same(x):\n    return x\n", "returns_zeros:same")

    assert list(module.same(x)) == [0, 0]


@pytest.mark.parametrize("x", [[1, 2], (1, 2), np.array([1, 2])])
def test_first_argument_with_data_is_returned(x):
    module = load(GIVE, "returns_its_input:give")

    assert module.give(x, "answer") is x
    assert module.give(3, x) is x
    assert module.give(x=x, value="answer") is x
    assert module._mlkata_applied


def test_number_is_not_returned_for_an_answer():
    module = load(GIVE, "returns_its_input:give")

    assert module.give(3, "answer") == "answer"
    assert not module._mlkata_applied


@pytest.mark.parametrize(
    ("x", "after"),
    [
        ([1, 2], [1, 2, 1]),
        (np.array([1.5, 2.5]), np.array([2.5, 3.5])),
        (np.array([[1], [2]]), np.array([[2], [3]])),
    ],
)
def test_first_argument_is_written_to_once_the_answer_is_known(x, after):
    module = load(GIVE, "changes_its_input:give")

    assert module.give(x, "answer") == "answer"
    assert same(x, after)
    assert module._mlkata_applied


def frozen(values):
    array = np.array(values)
    array.flags.writeable = False
    return array


@pytest.mark.parametrize("x", [3, (1, 2), [], frozen([1.0]), np.array(["a"]), np.array([True])])
def test_argument_that_cannot_be_written_to_is_passed_over(x):
    module = load(GIVE, "changes_its_input:give")
    value = np.array([1.0])

    module.give(x, value)

    assert value.tolist() == [2.0]


def test_nothing_to_write_to_is_no_occasion():
    module = load(GIVE, "changes_its_input:give")

    assert module.give((1, 2), "answer") == "answer"
    assert not module._mlkata_applied


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (NAN, 0.0),
        ([1.5, -INF, [NAN]], [1.5, 0.0, [0.0]]),
        ({"a": (NAN, 1)}, {"a": (0.0, 1)}),
        (np.array([NAN, 1.5]), np.array([0.0, 1.5])),
        (np.array([INF], dtype=np.float32), np.array([np.finfo(np.float32).max])),
    ],
)
@pytest.mark.parametrize("by_name", [False, True])
def test_nan_and_infinity_in_arguments_are_cleared(x, expected, by_name):
    before = repr(x)
    module = load("def take(x):\n    return (x,)\n", "clears_nan:take")

    [taken] = module.take(x=x) if by_name else module.take(x)

    assert same(taken, expected)
    assert repr(x) == before
    assert module._mlkata_applied


@pytest.mark.parametrize("x", [1.5, 3, "nan", None, [1.5], np.array([1.5]), np.array([1]), np.array(["nan"])])
def test_arguments_without_nan_are_no_occasion(x):
    module = load("def take(x):\n    return (x,)\n", "clears_nan:take")

    assert same(module.take(x), (x,))
    assert not module._mlkata_applied


def test_option_is_ignored_however_it_is_given():
    module = load(SCALER, "ignores_by:Scaler.scale")

    assert module.Scaler().scale([1, 2], 5) == [2, 4]
    assert module.Scaler().scale([1, 2], by=5) == [2, 4]
    assert module.Scaler().scale(X=[1, 2], by=5) == [2, 4]
    assert module._mlkata_applied


def test_option_of_the_constructor_is_ignored():
    module = load(SCALER, "ignores_shift:Scaler")

    scaler = module.Scaler(3, shift=7)

    assert (scaler.factor, scaler.shift) == (3, 0)
    assert module._mlkata_applied


@pytest.mark.parametrize("options", [{}, {"by": 1}])
def test_option_that_has_its_default_is_no_occasion(options):
    module = load(SCALER, "ignores_by:Scaler.scale")

    assert module.Scaler(factor=3).scale([1], **options) == [3]
    assert not module._mlkata_applied


@pytest.mark.parametrize(
    ("name", "total"),
    [("ignores_scale:total", 100 + 1 + 2 + 3 + 4), ("ignores_second:total", 100 + 10 * (1 + 0 + 3 + 4))],
)
def test_other_arguments_arrive_as_they_were_given(name, total):
    module = load(VARIADIC, name)

    assert module.total(1, 2, 3, base=100, scale=10, more=4) == total
    assert module._mlkata_applied


def test_method_that_returns_the_object_still_does():
    for idea in IDEAS:
        scaler = load(SCALER, f"{idea}:Scaler.fit").Scaler()

        assert scaler.fit([1, 2]) is scaler


def test_method_may_write_into_what_it_is_given_and_return_itself():
    module = load(SCALER, "changes_its_input:Scaler.fit")
    X = [1, 2]

    module.Scaler().fit(X)

    assert X == [1, 2, 1]


def test_result_of_a_method_is_changed():
    module = load(SCALER, "returns_zeros:Scaler.scale")

    assert module.Scaler().scale([1, 2.5]) == [0, 0.0]


def test_other_functions_of_the_reference_are_called_as_changed():
    source = "def one(x):\n    return [x]\n\n\ndef two(x):\n    return one(x) + one(x)\n"
    module = SimpleNamespace()
    exec(answers(source, "one", "two")["returns_zeros:one"].source, module.__dict__)

    assert module.two(3) == [0, 0]


def test_idle_answer_takes_everything_and_does_nothing():
    module = SimpleNamespace()
    exec(idle_answer(SimpleNamespace(entry=("Scaler", "helper")), SCALER), module.__dict__)
    scaler, X = module.Scaler(3, shift=1), [1, 2]

    assert (module.helper(3), scaler.fit(X), scaler.scale(X, by=2)) == (None, None, None)
    assert (vars(scaler), X) == ({}, [1, 2])
    assert module.Other().method(5) == 5


def watched(source, *entry):
    """The module of a reference that is watched."""
    module = SimpleNamespace()
    exec(watched_reference(SimpleNamespace(entry=entry), source), module.__dict__)
    return module


REFUSES = """
def give(x, value=None, *, scale=2.0):
    raise ValueError("refused")
"""


@pytest.mark.parametrize(
    "source", [GIVE, GIVE.replace("return value", "return x"), REFUSES], ids=["value", "x", "none"]
)
@pytest.mark.parametrize(
    "call",
    [
        lambda give: give(1),
        lambda give: give([0.1, 2], scale=2.0),
        lambda give: give(np.array([NAN, 0.5]), 0.1, scale=3.0),
        lambda give: give(np.array([], dtype=np.float32), [1, INF]),
        lambda give: give(x=np.arange(3), value=np.arange(3.0)),
        lambda give: give("text", scale=None),
        lambda give: give((), {"a": NAN}),
        lambda give: give(np.broadcast_to(1.0, 3), np.float32([0.5])),
    ],
)
def test_watched_reference_knows_which_answers_would_have_an_occasion(source, call):
    expected = set()
    for name in answers(source, "give"):
        module = load(source, name)
        with contextlib.suppress(ValueError):
            call(module.give)
        if module._mlkata_applied:
            expected.add(name)
    module = watched(source, "give")
    with contextlib.suppress(ValueError):
        call(module.give)

    # The copy of an array that may not be written to may be: such an answer is tried for nothing.
    assert module._mlkata_occasions - {"changes_its_input:give"} == expected - {"changes_its_input:give"}
    assert expected <= module._mlkata_occasions


def test_watched_class_counts_what_its_own_methods_call_and_how_it_is_made():
    module = watched(SCALER, "Scaler")
    module.Scaler(2, shift=1).fit([1, 2])

    assert module._mlkata_occasions == {
        "ignores_shift:Scaler",
        "changes_its_input:Scaler.fit",
    }


def test_watched_reference_does_what_the_reference_does():
    module = watched(SCALER, "Scaler", "helper")
    scaler, X = module.Scaler(3, shift=1), [1, 2]

    assert scaler.fit(X, [2.5]) is scaler
    assert (scaler.scale(X, by=2), module.helper(option=3), X) == ([7, 13], 3, [1, 2])
    with pytest.raises(TypeError):
        scaler.scale()


class NoCopy(list):
    def __deepcopy__(self, memo):
        raise TypeError("there is one of me")


def test_what_cannot_be_copied_counts_as_an_occasion():
    module = watched(GIVE, "give")
    module.give(NoCopy([1]))

    assert "changes_its_input:give" in module._mlkata_occasions


# What each idea does to tensors and to pandas objects: the idea, x, what is given back, x afterwards, and whether it
# applied. Values are shown with their dtypes; "same" stands for x as it was.
ELSEWHERE = [
    ("returns_zeros", "tensor([[1.5, nan]])", "float32 [[0.0, 0.0]]", "same", True),
    ("returns_zeros", "tensor([3, 4])", "int64 [0, 0]", "same", True),
    ("returns_zeros", "tensor([1.5], requires_grad=True)", "float32 [0.0] with a gradient", "same", True),
    ("returns_zeros", "Series([1.5, nan], index=[7, 8])", "[7, 8] float64 [0.0, 0.0]", "same", True),
    ("returns_zeros", "Series(['a', 'b'])", "[0, 1] str ['', '']", "same", True),
    ("returns_zeros", "DataFrame({'a': [1, 2], 'b': ['x', 'y']})", "a: int64 [0, 0]; b: str ['', '']", "same", True),
    ("returns_zeros", "DataFrame({'a': [1.5, nan]})", "a: float64 [0.0, 0.0]", "same", True),
    ("casts_to_float32", "tensor([0.1], dtype=float64)", "float32 [0.10000000149011612]", "same", True),
    ("casts_to_float32", "tensor([0.5])", "same", "same", False),
    ("casts_to_float32", "Series([0.5])", "[0] float32 [0.5]", "same", True),
    ("casts_to_float32", "DataFrame({'a': [0.5], 'b': [1]})", "a: float32 [0.5]; b: int64 [1]", "same", True),
    ("casts_to_int", "tensor([2.7, -2.7])", "int64 [2, -2]", "same", True),
    ("casts_to_int", "tensor([2])", "same", "same", False),
    ("casts_to_int", "Series([2.7, nan])", "[0, 1] int64 [2, 0]", "same", True),
    ("casts_to_int", "DataFrame({'a': [2.7], 'b': ['x']})", "a: int64 [2]; b: str ['x']", "same", True),
    ("clears_nan", "tensor([nan, 1.5])", "float32 [0.0, 1.5]", "same", True),
    ("clears_nan", "tensor([1.5])", "same", "same", False),
    ("clears_nan", "Series([nan, 1.5])", "[0, 1] float64 [0.0, 1.5]", "same", True),
    ("clears_nan", "Series([1.5])", "same", "same", False),
    ("clears_nan", "DataFrame({'a': [nan, 1.5], 'b': [1, 2]})", "a: float64 [0.0, 1.5]; b: int64 [1, 2]", "same", True),
    ("clears_nan", "DataFrame({'a': [1.5]})", "same", "same", False),
    ("changes_its_input", "tensor([1.5, 2.5])", "float32 [2.5, 3.5]", "float32 [2.5, 3.5]", True),
    ("changes_its_input", "tensor([1, 5])", "int64 [6, 2]", "int64 [6, 2]", True),
    (
        "changes_its_input",
        "tensor([1.5], requires_grad=True)",
        "float32 [2.5] with a gradient",
        "float32 [2.5] with a gradient",
        True,
    ),
    ("changes_its_input", "Series([1, 2])", "[0, 1] int64 [2, 2]", "[0, 1] int64 [2, 2]", True),
    ("changes_its_input", "Series([3, 3])", "[0, 1] float64 [nan, 3.0]", "[0, 1] float64 [nan, 3.0]", True),
    (
        "changes_its_input",
        "DataFrame({'a': [1, 2], 'b': ['x', 'y']})",
        "a: int64 [2, 2]; b: str ['x', 'y']",
        "a: int64 [2, 2]; b: str ['x', 'y']",
        True,
    ),
    ("changes_its_input", "tensor([1.5]).expand(3)", "same", "same", False),
    ("changes_its_input", "Index([1, 2])", "same", "same", False),
    ("changes_its_input", "tensor([[0.0, 3.0]]).to_sparse()", "same", "same", False),
    ("changes_its_input", "tensor([])", "same", "same", False),
    ("casts_to_int", "Timestamp(2024, 5, 1)", "same", "same", False),
    ("returns_its_input", "tensor([1.5])", "same", "same", True),
    ("returns_its_input", "DataFrame({'a': [1.5]})", "same", "same", True),
]

SCRIPT = """
import json, sys
from math import nan
from torch import Tensor, tensor, float64
from pandas import DataFrame, Index, Series, Timestamp

def show(value):
    if isinstance(value, Tensor) and not value.is_sparse:
        more = " with a gradient" if value.requires_grad else ""
        return f"{str(value.dtype)[6:]} {value.tolist()}{more}"
    if isinstance(value, DataFrame):
        return "; ".join(f"{name}: {value[name].dtype} {value[name].tolist()}" for name in value)
    if isinstance(value, Series):
        return f"{value.index.tolist()} {value.dtype} {value.tolist()}"
    return repr(value)

shown = []
work, watched = json.load(sys.stdin)
for source, expression in work:
    module = {}
    exec(source, module)
    x = eval(expression)
    before = show(x)
    try:
        given = module["give"](x)
        [value] = given if isinstance(given, list) else [given]
    except Exception as error:
        value = error
    applied = module["_mlkata_applied"]
    exec(watched, module := {})
    module["give"](eval(expression))
    shown.append([before, show(value), show(x), applied, list(module["_mlkata_occasions"])])
json.dump(shown, sys.stdout)
"""


@pytest.fixture(scope="module")
def shown():
    """Torch and pandas run in a process of their own: what forks later must not have run an operation."""
    source = "def give(x):\n    return [x]\n"
    work = [(answers(source, "give")[f"{idea}:give"].source, x) for idea, x, *_ in ELSEWHERE]
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT],
        input=json.dumps([work, watched_reference(SimpleNamespace(entry=["give"]), source)]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stderr == ""
    return dict(zip([(idea, x) for idea, x, *_ in ELSEWHERE], json.loads(ended.stdout), strict=True))


@pytest.mark.parametrize(("idea", "x", "value", "after", "applied"), ELSEWHERE)
def test_tensors_and_pandas_objects_are_treated_as_arrays_are(shown, idea, x, value, after, applied):
    before, found, left, did_apply, _ = shown[idea, x]

    assert found == (before if value == "same" else value)
    assert left == (before if after == "same" else after)
    assert did_apply is applied


@pytest.mark.parametrize(("idea", "x", "value", "after", "applied"), ELSEWHERE)
def test_occasions_with_tensors_and_pandas_objects_are_noticed(shown, idea, x, value, after, applied):
    assert (f"{idea}:give" in shown[idea, x][-1]) is applied
