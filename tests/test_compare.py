"""Each assertion passes what is right and says of what is wrong what it is, where, and by how much."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse

from mlkata.compare import (
    Mismatch,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_finite,
    assert_shape,
    assert_true,
    assert_type,
    raises,
)
from mlkata.errors import WorkerLost
from mlkata.submission import rebuild

nan, inf = float("nan"), float("inf")


def complaint(assertion, *args, **options):
    """The sentence and the details of the refusal that must come."""
    with pytest.raises(Mismatch) as caught:
        assertion(*args, **options)
    return caught.value.broken, list(caught.value.details)


CLOSE = {
    "floats": (0.1 + 0.2, 0.3),
    "nested lists": ([[1.0, 2.0], [3.0, 4.0]], np.array([[1, 2], [3, 4]])),
    "tuple": ((1, 2), [1.0, 2.0]),
    "within rtol": ([1e6 + 5], [1e6]),
    "within atol": ([5e-8], [0.0]),
    "NaN": ([nan, 1.0], [nan, 1.0]),
    "infinities": ([inf, -inf], [inf, -inf]),
    "empty": (np.zeros((0, 3)), torch.zeros(0, 3)),
    "tensor against list": (torch.tensor([1.0, 2.0]), [1, 2]),
    "tensor that requires grad": (torch.tensor([1.0], requires_grad=True), torch.tensor([1.0])),
    "list of tensors": ([torch.tensor(1.0, requires_grad=True), torch.tensor(2.0)], [1, 2]),
    "list of tensors of bfloat16": ([torch.tensor(1.5, dtype=torch.bfloat16)], [1.5]),
    "bfloat16": (torch.tensor([1.5], dtype=torch.bfloat16), torch.tensor([1.5], dtype=torch.bfloat16)),
    "float16": (np.array([1.5], "f2"), torch.tensor([1.5], dtype=torch.float16)),
    "complex": ([1 + 2j], torch.tensor([1 + 2j])),
    "complex against real": ([1 + 0j], [1.0]),
    "conjugate": (torch.tensor([1 + 2j]).conj(), [1 - 2j]),
    "sparse tensor": (torch.eye(2).to_sparse(), np.eye(2)),
    "sparse matrix": (sparse.csr_matrix(np.eye(2)), np.eye(2)),
    "series": (pd.Series([1.0, 2.0], index=["x", "y"]), [1, 2]),
    "frame": (pd.DataFrame({"a": [1.0], "b": [2]}), [[1, 2]]),
    "nullable": (pd.Series([1, 2], dtype="Int64"), [1, 2]),
    "objects that are numbers": (np.array([1, 2.5], dtype=object), [1, 2.5]),
    "booleans": ([True, False], [1, 0]),
    "numbers of one axis less": (np.float64(2.0), torch.tensor(2.0)),
    "integers beyond floats": ([2**70], [2.0**70]),
}


@pytest.mark.parametrize(("actual", "expected"), CLOSE.values(), ids=CLOSE)
def test_close_numbers_pass(actual, expected):
    assert_close(actual, expected)


FAR = {
    "one value": (
        *([1.0, 2.5, 3.0], [1.0, 2.0, 3.0], "the result has wrong values"),
        ["got 2.5, expected 2 at index 1", "1 of 3 values are wrong", "largest error 0.5 at index 1, allowed 2.01e-05"],
    ),
    "largest is not the first": (
        *([[1.1, 2.0], [3.0, 5.0]], [[1.0, 2.0], [3.0, 4.0]], "the result has wrong values"),
        [
            "got 1.1, expected 1 at index (0, 0)",
            "2 of 4 values are wrong",
            "largest error 1 at index (1, 1), allowed 4.01e-05",
        ],
    ),
    "number": (
        *(1.5, 1.0, "the result has wrong values"),
        ["got 1.5, expected 1", "largest error 0.5, allowed 1.01e-05"],
    ),
    "NaN": (
        *([1.0, nan], [1.0, 2.0], "the result has wrong values (some are NaN)"),
        ["got nan, expected 2 at index 1", "1 of 2 values are wrong"],
    ),
    "infinite": (
        *([inf], [2.0], "the result has wrong values (some are infinite)"),
        ["got inf, expected 2 at index 0", "1 of 1 values are wrong"],
    ),
    "infinity of the other sign": (
        *([inf, 1.0], [-inf, 1.0], "the result has wrong values"),
        ["got inf, expected -inf at index 0", "1 of 2 values are wrong"],
    ),
    "number for NaN": (
        *([0.0], [nan], "the result has wrong values"),
        ["got 0, expected nan at index 0", "1 of 1 values are wrong"],
    ),
    "finite for infinite": (
        *([1e308], [inf], "the result has wrong values"),
        ["got 1e+308, expected inf at index 0", "1 of 1 values are wrong"],
    ),
    "sign": (
        *([-1.0, 2.0], [1.0, -2.0], "the result has wrong values (the sign is turned round)"),
        ["got -1, expected 1 at index 0", "2 of 2 values are wrong", "largest error 4 at index 1, allowed 2.01e-05"],
    ),
    "factor": (
        *([2.0, 4.0], [1.0, 2.0], "the result has wrong values (all are off by the same factor)"),
        ["got 2, expected 1 at index 0", "2 of 2 values are wrong", "largest error 2 at index 1, allowed 2.01e-05"],
    ),
    "factor of a single value": (
        *([2.0], [1.0], "the result has wrong values"),
        ["got 2, expected 1 at index 0", "1 of 1 values are wrong", "largest error 1 at index 0, allowed 1.01e-05"],
    ),
    "zero has no factor": (
        *([2.0, 0.5], [1.0, 0.0], "the result has wrong values"),
        ["got 2, expected 1 at index 0", "2 of 2 values are wrong", "largest error 1 at index 0, allowed 1.01e-05"],
    ),
    "complex": (
        *([1 + 1j], [1 + 2j], "the result has wrong values"),
        [
            *("got (1+1j), expected (1+2j) at index 0", "1 of 1 values are wrong"),
            "largest error 1 at index 0, allowed 2.25e-05",
        ],
    ),
    "tensor": (
        *(torch.tensor([0.5], requires_grad=True), [0.25], "the result has wrong values"),
        [
            "got 0.5, expected 0.25 at index 0",
            "1 of 1 values are wrong",
            "largest error 0.25 at index 0, allowed 2.6e-06",
        ],
    ),
}


@pytest.mark.parametrize(("actual", "expected", "broken", "details"), FAR.values(), ids=FAR)
def test_wrong_numbers_are_told_of(actual, expected, broken, details):
    assert complaint(assert_close, actual, expected) == (broken, details)


NO_NUMBERS = {
    "None": (None, "the loss is None: is a return statement missing?", []),
    "text": ("abc", "the loss does not consist of numbers", ["got 'abc'"]),
    "texts": (["1", "2"], "the loss does not consist of numbers", ["got ['1', '2']"]),
    "None among numbers": ([None, 1.0], "the loss does not consist of numbers", ["got [None, 1.0]"]),
    "text that could be a number": (
        *(np.array(["1.5", 2], dtype=object), "the loss does not consist of numbers"),
        ["got array(shape=(2,), object, ['1.5', 2])"],
    ),
    "dict": ({"a": 1}, "the loss does not consist of numbers", ["got {'a': 1}"]),
    "ragged": ([[1], [1, 2]], "the loss is no regular array of numbers", ["got [[1], [1, 2]]"]),
    "moments": (
        *(np.array(["2020-01-01"], "M8[D]"), "the loss does not consist of numbers"),
        ["got array(shape=(1,), datetime64[D], [datetime.date(2020, 1, 1)])"],
    ),
    "gaps": (
        *(pd.Series(["a", None]), "the loss does not consist of numbers"),
        ["got Series(2 values, str, ['a', nan])"],
    ),
}


@pytest.mark.parametrize(("actual", "broken", "details"), NO_NUMBERS.values(), ids=NO_NUMBERS)
@pytest.mark.parametrize("assertion", [assert_close, assert_finite])
def test_what_is_no_number_is_told_of(assertion, actual, broken, details):
    expected = ([1.0, 2.0],) if assertion is assert_close else ()

    assert complaint(assertion, actual, *expected, what="the loss") == (broken, details)


def test_shape_is_compared_first():
    assert complaint(assert_close, np.zeros((2, 1)), np.ones(2)) == (
        "the result has the wrong shape",
        ["shape (2, 1), expected (2,)"],
    )
    assert complaint(assert_close, 1.0, [1.0])[1] == ["shape (), expected (1,)"]


def test_tolerances_are_relative_to_what_is_expected():
    assert_close([110.0], [100.0], rtol=0.1, atol=0.0)
    complaint(assert_close, [111.0], [100.0], rtol=0.1, atol=0.0)
    complaint(assert_close, [0.1], [0.0], rtol=10.0, atol=0.0)
    assert_close([0.1], [0.0], rtol=0.0, atol=0.1)


def test_infinite_error_is_not_within_an_infinite_tolerance():
    assert complaint(assert_close, [1.0], [inf])[0] == "the result has wrong values"


def test_sentence_takes_the_subject_and_the_hint():
    broken, _ = complaint(assert_close, [1.0, nan], [1.0, 2.0], what="the loss", hint="mask before the log")

    assert broken == "the loss has wrong values (some are NaN): mask before the log"


def test_text_of_a_mismatch_is_its_sentence_and_details():
    assert str(Mismatch("the loss must fall", ["3, then 4"])) == "the loss must fall\n3, then 4"


def test_comparing_changes_nothing():
    actual, expected = torch.tensor([1.0, nan], requires_grad=True), np.array([1.0, nan])
    assert_close(actual, expected)

    assert actual.requires_grad
    assert np.isnan(expected[1])


EQUAL = {
    "numbers": (3, 3),
    "whole float": (1.0, 1),
    "numpy number": (np.int64(3), 3),
    "tensor number": (torch.tensor(3), 3),
    "NaN": (nan, nan),
    "None": (None, None),
    "NA": (pd.NA, pd.NA),
    "NaT": ([pd.NaT], [pd.NaT]),
    "text": ("a", "a"),
    "booleans": (True, True),
    "numpy boolean": (np.True_, True),
    "lists": ([1, [2, "a"]], [1, [2, "a"]]),
    "list and tuple": ((1, 2), [1, 2]),
    "array for a list": (np.array([1, 2]), [1, 2]),
    "tensor for a list": (torch.tensor([[1], [2]]), [[1], [2]]),
    "series for a list": (pd.Series(["a", "b"]), ["a", "b"]),
    "list for an array": ([1, 2], np.array([1, 2])),
    "tensor for an array": (torch.tensor([1, 2]), np.array([1, 2])),
    "arrays with NaN": (np.array([nan, 1.0]), np.array([nan, 1.0])),
    "arrays of text": (np.array(["a", "b"]), np.array(["a", "b"], dtype=object)),
    "arrays of objects": (np.array([None, nan, "a"], dtype=object), np.array([None, nan, "a"], dtype=object)),
    "bfloat16": (torch.tensor([1.5], dtype=torch.bfloat16), torch.tensor([1.5])),
    "dicts": ({"a": [1, nan], 2: np.zeros(2)}, {2: np.zeros(2), "a": [1, nan]}),
    "sets": ({1, 2}, {2, 1}),
    "series": (pd.Series([1, None], dtype="Int64"), pd.Series([1, None], dtype="Int64")),
    "frame": (pd.DataFrame({"a": [1.0, nan], "b": ["x", None]}), pd.DataFrame({"a": [1.0, nan], "b": ["x", None]})),
    "index": (pd.Index(["a", "b"]), pd.Index(["a", "b"])),
    "sparse matrix": (sparse.csr_matrix(np.eye(2)), np.eye(2)),
    "empty": ([], []),
    "integer of thousands of digits": (10**5000, 10**5000),
}


@pytest.mark.parametrize(("actual", "expected"), EQUAL.values(), ids=EQUAL)
def test_equal_values_pass(actual, expected):
    assert_equal(actual, expected)


UNEQUAL = {
    "numbers": (3, 4, "the result is wrong", ["got 3, expected 4"]),
    "one bit": (0.1 + 0.2, 0.3, "the result is wrong", ["got 0.30000000000000004, expected 0.3"]),
    "text": ("a", "b", "the result is wrong", ["got 'a', expected 'b'"]),
    "None": (None, 0, "the result is wrong", ["got None, expected 0"]),
    "something for None": (0, None, "the result is wrong", ["got 0, expected None"]),
    "number for a boolean": (1, True, "the result is wrong", ["got 1, expected True"]),
    "boolean for a number": (False, 0, "the result is wrong", ["got False, expected 0"]),
    "boolean in a list": ([1, True], [1, 1], "item 1 of the result is wrong", ["got True, expected 1"]),
    "array for a number": (
        *(np.array([1]), 1, "the result is wrong"),
        ["got array(shape=(1,), int64, [1]), expected 1"],
    ),
    "tensor for a number": (
        *(torch.tensor([[1]]), 1, "the result is wrong"),
        ["got tensor(shape=(1, 1), int64, [1]), expected 1"],
    ),
    "many numbers for one": (
        *(np.array([1, 1]), 1, "the result is wrong"),
        ["got array(shape=(2,), int64, [1, 1]), expected 1"],
    ),
    "arrays": (
        *(np.array([[1, 2], [3, 5]]), np.array([[1, 2], [3, 4]]), "the result has wrong values"),
        ["got 5, expected 4 at index (1, 1)", "1 of 4 values are wrong"],
    ),
    "arrays of text": (
        *(np.array(["a", "c"]), np.array(["a", "b"]), "the result has wrong values"),
        ["got 'c', expected 'b' at index 1", "1 of 2 values are wrong"],
    ),
    "None for NaN": (
        *(np.array([None], dtype=object), np.array([nan]), "the result has wrong values"),
        ["got None, expected nan at index 0", "1 of 1 values are wrong"],
    ),
    "shape": (np.zeros((2, 1)), np.zeros(2), "the result has the wrong shape", ["shape (2, 1), expected (2,)"]),
    "None for an array": (None, np.zeros(2), "the result is None: is a return statement missing?", []),
    "number for a list": (3, [3], "the result has the wrong type", ["got 3, expected [3]"]),
    "text for a list": ("ab", ["a", "b"], "the result has the wrong type", ["got 'ab', expected ['a', 'b']"]),
    "set for a list": ({1}, [1], "the result has the wrong type", ["got {1}, expected [1]"]),
    "length": ([1, 2, 3], [1, 2], "the result has the wrong length", ["length 3, expected 2"]),
    "nested item": ([[1], [2, 3]], [[1], [2, 4]], "item 1 of item 1 of the result is wrong", ["got 3, expected 4"]),
    "missing key": (
        *({"a": 1}, {"a": 1, "b": 2}, "the result does not have the right keys"),
        ["got {'a': 1}", "expected the keys ['a', 'b']"],
    ),
    "list for a dict": (
        *([1], {"a": 1}, "the result does not have the right keys"),
        ["got [1]", "expected the keys ['a']"],
    ),
    "value of a key": ({"a": [1]}, {"a": [2]}, "item 0 of the result['a'] is wrong", ["got 1, expected 2"]),
    "series": (
        *(pd.Series(["a", "b"]), pd.Series(["a", "c"]), "the result has wrong values"),
        ["got 'b', expected 'c' at index 1", "1 of 2 values are wrong"],
    ),
    "NA for a number": (
        *([pd.NA], [1], "item 0 of the result is wrong"),
        ["got <NA>, expected 1"],
    ),
    "integer of thousands of digits": (
        *(10**5000, 3, "the result is wrong"),
        ["got <int that is too long to show>, expected 3"],
    ),
}


@pytest.mark.parametrize(("actual", "expected", "broken", "details"), UNEQUAL.values(), ids=UNEQUAL)
def test_unequal_values_are_told_of(actual, expected, broken, details):
    assert complaint(assert_equal, actual, expected) == (broken, details)


@pytest.mark.parametrize(
    ("actual", "expected"), [(1, 2), ([1], [2]), (np.zeros(1), np.ones(1)), ({}, {"a": 1}), ([1], [1, 2]), (1, [1])]
)
def test_equal_takes_the_subject_and_the_hint(actual, expected):
    broken, _ = complaint(assert_equal, actual, expected, what="the label", hint="see Ties")

    assert "the label" in broken
    assert broken.endswith(": see Ties")


@pytest.mark.parametrize(
    "actual",
    [np.zeros((2, 3)), torch.zeros(2, 3), [[1, 2, 3], [4, 5, 6]], pd.DataFrame(np.zeros((2, 3))), sparse.eye(2, 3)],
)
def test_shape_is_compared(actual):
    assert_shape(actual, (2, 3))
    assert_shape(actual, [2, 3])
    assert complaint(assert_shape, actual, (3, 2), what="the grid", hint="transpose it") == (
        "the grid has the wrong shape: transpose it",
        ["shape (2, 3), expected (3, 2)"],
    )


def test_shape_of_a_number_is_empty():
    assert_shape(1.0, ())
    assert_shape(torch.tensor(1.0), ())


def test_nothing_has_no_shape():
    assert complaint(assert_shape, None, (1,))[0] == "the result is None: is a return statement missing?"


@pytest.mark.parametrize(
    ("actual", "dtype"),
    [
        *((np.zeros(1), "float64"), (np.zeros(1), np.float64), (np.zeros(1, "f4"), np.dtype("f4"))),
        *((torch.zeros(1), torch.float32), (torch.zeros(1), "float32"), (torch.zeros(1), np.float32)),
        *((torch.zeros(1, dtype=torch.bfloat16), "bfloat16"), (np.array([True]), "bool"), (np.array([True]), bool)),
        *((pd.Series([1], dtype="Int64"), "Int64"), (np.float32(1), "float32")),
    ],
    ids=str,
)
def test_right_dtype_passes(actual, dtype):
    assert_dtype(actual, dtype)


@pytest.mark.parametrize(
    ("actual", "dtype", "found", "expected"),
    [
        *((np.zeros(1), "float32", "float64", "float32"), (torch.zeros(1), torch.int64, "float32", "int64")),
        *((1.5, np.float64, "float", "float64"), (None, "int64", "None", "int64"), ([1], "int64", "list", "int64")),
    ],
)
def test_wrong_dtype_is_told_of(actual, dtype, found, expected):
    assert complaint(assert_dtype, actual, dtype, what="the mean", hint="cast it") == (
        "the mean has the wrong dtype: cast it",
        [f"dtype {found}, expected {expected}"],
    )


def test_finite_numbers_pass():
    assert_finite([0.0, 1e308])
    assert_finite(torch.zeros(0))
    assert_finite(np.array([1, 2]))


def test_infinite_numbers_are_told_of():
    assert complaint(assert_finite, [[1.0, 2.0], [nan, inf]], what="the loss", hint="shift the logits") == (
        "the loss is not finite: shift the logits",
        ["2 of 4 values, first at index (1, 0): nan"],
    )


def test_condition_is_judged():
    assert_true(np.True_, "the loss must fall")
    assert complaint(assert_true, 0, "the loss must fall", "3, then 4", "5") == (
        "the loss must fall",
        ["3, then 4", "5"],
    )


@pytest.mark.parametrize(
    ("actual", "kind"),
    [(1, int), (1.5, (int, float)), (True, bool), (True, (int, bool)), (None, type(None)), ([], list)],
)
def test_right_type_passes(actual, kind):
    assert_type(actual, kind)


@pytest.mark.parametrize(
    ("actual", "kind", "details"),
    [
        *((True, int, "type bool, expected int"), (np.zeros(1), list, "type numpy.ndarray, expected list")),
        *(
            (None, float, "type None, expected float"),
            (torch.ones(1), (int, float), "type torch.Tensor, expected int or float"),
        ),
    ],
)
def test_wrong_type_is_told_of(actual, kind, details):
    assert complaint(assert_type, actual, kind, hint="call .item()") == (
        "the result has the wrong type: call .item()",
        [details],
    )


def raised_by_submission(kind, message="the reason"):
    ancestors = [item.__name__ for item in kind.__mro__]
    return rebuild({"type": kind.__name__, "message": message, "ancestors": ancestors, "frames": [(3, "f", "raise")]})


def within(error, kind, when="k is 0"):
    with raises(kind, when=when):
        if error is not None:
            raise error


@pytest.mark.parametrize("kind", [ValueError, (TypeError, ValueError), Exception])
def test_right_exception_passes(kind):
    within(raised_by_submission(ValueError), kind)


def test_subclass_of_the_right_exception_passes():
    within(raised_by_submission(IndexError), LookupError)


def test_exception_that_does_not_come_is_told_of():
    with pytest.raises(Mismatch) as caught:
        within(None, ValueError)

    assert caught.value.broken == "ValueError must be raised when k is 0; nothing was raised"


def test_another_exception_is_told_of_with_the_lines_that_raised_it():
    error = raised_by_submission(KeyError, "k")
    with pytest.raises(Mismatch) as caught:
        within(error, (ValueError, TypeError))

    assert caught.value.broken == "ValueError or TypeError must be raised when k is 0; another exception was"
    assert caught.value.details == ("got KeyError: 'k'",)
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("kind", [ValueError, RuntimeError, Exception])
def test_what_is_not_implemented_yet_stays_so(kind):
    with pytest.raises(NotImplementedError):
        within(raised_by_submission(NotImplementedError), kind)


@pytest.mark.parametrize(
    "error", [KeyError("a fault of the check"), WorkerLost("died"), Mismatch("another property")], ids=type
)
def test_what_is_not_the_submissions_goes_through(error):
    with pytest.raises(type(error)) as caught:
        within(error, ValueError)

    assert caught.value is error


def test_end_of_a_checks_time_goes_through():
    with pytest.raises(pytest.fail.Exception), raises(Exception, when="x"):
        pytest.fail("Timeout")
