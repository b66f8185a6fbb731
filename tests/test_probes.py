"""A probe travels with what it names, and with nothing else."""

from __future__ import annotations

import math
import os.path as paths
from fractions import Fraction
from math import sqrt as root
from textwrap import dedent
from types import ModuleType

import numpy as np
import pytest
from numpy import exp
from numpy.random import default_rng

from mlkata.errors import WireError
from mlkata.probes import pack, source, title, unpack
from mlkata.wire import decode, encode

FACTOR = 3
TABLE = {"a": [1, 2], "b": np.arange(3.0)}
SCORES = []
doubled = (2).__mul__
half = Fraction(1, 2).limit_denominator


class Fake:
    pass


def shipped(probe):
    """The function that a worker makes of a probe's bytes."""
    return unpack(decode(encode(pack(probe))))


@pytest.fixture
def module():
    """What stands for a submission's module."""
    module = ModuleType("submission_toy")
    module.f = lambda x: 10 * x
    return module


def plain(module, x):
    """Call f once.

    More words.
    """
    return module.f(x)


def with_helper(module, x):
    return helper(module.f(x)) + FACTOR


def helper(x):
    return deeper(x) + 1


def deeper(x):
    return x * FACTOR


def with_constants(module):
    return TABLE["a"] + TABLE["b"].tolist()


def with_modules(module, x):
    return math.floor(root(x)) + len(paths.join("a", dedent(" b"))) + np.exp(0.0) + float(exp(0.0))


def with_class_of_a_package(module):
    return default_rng(0).random()


def with_defaults(module, x, y=2, *, z=3):
    return module.f(x) + y + z


def with_inner_names(module):
    return [helper(n) for n in range(2)] + [(lambda x: deeper(x))(5)]


def factorial(module, n):
    return 1 if n == 0 else n * factorial(module, n - 1)


def is_even(module, n):
    return n == 0 or is_odd(module, n - 1)


def is_odd(module, n):
    return n != 0 and is_even(module, n - 1)


def changes_a_constant(module):
    SCORES.append(1)
    return len(SCORES)


def with_a_class_of_its_file(module):
    return Fake()


def with_a_method(module):
    return doubled(4)


def with_a_method_of_a_package(module):
    return half(4)


def with_an_unknown_name(module):
    return no_such_name  # noqa: F821


def test_probe_gets_the_module_first(module):
    assert shipped(plain)(module, 4) == 40


def test_helpers_travel_with_their_helpers_and_constants(module):
    assert shipped(with_helper)(module, 1) == 34


def test_constants_travel_as_copies(module):
    assert shipped(with_constants)(module) == [1, 2, 0.0, 1.0, 2.0]
    assert shipped(changes_a_constant)(module) == 1
    assert SCORES == []


def test_modules_and_what_is_imported_from_them_are_imported_there(module):
    assert shipped(with_modules)(module, 10.0) == 8.0
    assert shipped(with_class_of_a_package)(module) == default_rng(0).random()


def test_only_names_of_modules_travel():
    packed = pack(with_modules)

    assert packed["modules"] == {"math": "math", "paths": paths.__name__, "np": "numpy"}
    assert packed["objects"] == {"root": ("math", "sqrt"), "exp": ("numpy", "exp"), "dedent": ("textwrap", "dedent")}
    assert list(packed["functions"]) == ["with_modules"]
    assert packed["constants"] == {}


def test_defaults_travel(module):
    probe = shipped(with_defaults)

    assert probe(module, 1) == 15
    assert probe(module, 1, 0, z=0) == 10


def test_functions_inside_a_probe_may_name_helpers(module):
    assert shipped(with_inner_names)(module) == [1, 4, 15]


def test_probe_may_call_itself_and_helpers_each_other(module):
    assert shipped(factorial)(module, 5) == 120
    assert shipped(is_even)(module, 7) is False


def test_probe_knows_nothing_of_this_file_that_it_does_not_name():
    assert set(shipped(plain).__globals__) == {"__builtins__", "__name__", "plain"}


def test_lambda_over_constants_travels(module):
    assert shipped(lambda module, x: module.f(x) + FACTOR)(module, 1) == 13


def test_name_that_is_nowhere_is_an_error_of_the_call(module):
    with pytest.raises(NameError, match="no_such_name"):
        shipped(with_an_unknown_name)(module)


def test_closure_is_refused():
    k = 3

    def closes(module):
        return k

    with pytest.raises(WireError, match="the probe closes closes over k: pass it as an argument"):
        pack(closes)


def test_lambda_over_a_variable_is_refused():
    k = 3

    with pytest.raises(WireError, match="closes over k"):
        pack(lambda module: k)


@pytest.mark.parametrize("function", [len, Fake, Fake.__init__, np.sin], ids=["builtin", "class", "slot", "ufunc"])
def test_what_is_no_function_of_python_is_refused(function):
    with pytest.raises(WireError, match="is no plain function of the grader"):
        pack(function)


@pytest.mark.parametrize(
    ("probe", "name"),
    [(with_a_class_of_its_file, "Fake"), (with_a_method, "doubled"), (with_a_method_of_a_package, "half")],
)
def test_callable_that_no_package_defines_is_refused_by_name(probe, name):
    with pytest.raises(WireError, match=f"a probe cannot take {name} along"):
        pack(probe)


def test_title_is_the_first_line_of_the_docstring_or_the_name():
    assert title(plain) == "Call f once."
    assert title(helper) == "helper"


def test_source_is_the_lines_of_the_probe():
    def inner(module):
        return module.f(1)

    assert source(inner) == "def inner(module):\n    return module.f(1)\n"
