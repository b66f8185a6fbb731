"""What is no plain data is refused with its type and its place, however much it resembles something that is."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import enum
import fractions
import types

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse
from scipy.sparse.linalg import aslinearoperator

from mlkata.errors import WireError
from mlkata.wire import decode, encode
from mlkata.wire_encode import DEEPEST


class OwnArray(np.ndarray):
    pass


class OwnTensor(torch.Tensor):
    pass


class OwnDict(dict):
    pass


class OwnInt(int):
    pass


class OwnSeries(pd.Series):
    pass


class Colour(enum.Enum):
    RED = 1


class Number(enum.IntEnum):
    ONE = 1


Point = collections.namedtuple("Point", "x y")


@dataclasses.dataclass
class Result:
    loss: float


SUBCLASSES = {
    "OwnArray": np.zeros(2).view(OwnArray),
    "OwnTensor": torch.zeros(2).as_subclass(OwnTensor),
    "OwnDict": OwnDict(a=1),
    "OwnInt": OwnInt(3),
    "OwnSeries": OwnSeries([1]),
    "Point": Point(1, 2),
    "Colour": Colour.RED,
    "Number": Number.ONE,
    "Result": Result(0.5),
    "OrderedDict": collections.OrderedDict(a=1),
    "defaultdict": collections.defaultdict(list),
    "Counter": collections.Counter("aab"),
    "deque": collections.deque([1]),
    "Fraction": fractions.Fraction(1, 3),
    "datetime": datetime.datetime(2020, 1, 1),
    "SimpleNamespace": types.SimpleNamespace(a=1),
    "matrix": np.matrix([[1]]),
    "MaskedArray": np.ma.array([1]),
    "recarray": np.zeros(1, "f4,i4").view(np.recarray),
    "memmap": np.zeros(0).view(np.memmap),
    "Generator": np.random.default_rng(0),
    "Linear": torch.nn.Linear(1, 1),
    "ExponentialLR": torch.optim.lr_scheduler.ExponentialLR(torch.optim.SGD([torch.zeros(1)], lr=1.0), 0.9),
    "max": torch.zeros(2, 2).max(dim=1),
    "Period": pd.Period("2020"),
    "Interval": pd.Interval(0, 1),
    "Categorical": pd.Categorical(["a"]),
    "IntegerArray": pd.array([1], dtype="Int64"),
    "PeriodIndex": pd.period_range("2020", periods=1),
    "lil_matrix": sparse.lil_matrix((2, 2)),
    "dia_matrix": sparse.eye(2),
    "coo_array": sparse.coo_array(np.ones(3)),
    "MatrixLinearOperator": aslinearoperator(np.eye(2)),
    "generator": (n for n in range(3)),
    "dict_keys": {}.keys(),
    "map": map(abs, []),
    "type": int,
    "module": np,
    "object": object(),
    "mappingproxy": types.MappingProxyType({}),
}


@pytest.mark.parametrize(("name", "value"), SUBCLASSES.items(), ids=SUBCLASSES)
def test_other_types_are_refused_by_name(name, value):
    with pytest.raises(WireError, match=rf"^the value is of type [\w.]*\b{name}, which is no plain data$"):
        encode(value)


ARRAYS = {
    "structured": np.zeros(2, "f4,i4"),
    "structured with objects": np.zeros(2, "f4,O"),
    "raw": np.zeros(2, "V3"),
    "text of any length": np.array(["a"], dtype=np.dtypes.StringDType()),
}


@pytest.mark.parametrize("array", ARRAYS.values(), ids=ARRAYS)
def test_array_of_another_dtype_is_refused(array):
    with pytest.raises(WireError, match=r"the value is an array of dtype .*, which is no plain data"):
        encode(array)


@pytest.mark.parametrize("dtype", [np.dtype("f4,i4"), np.dtype("V3"), np.dtypes.StringDType()], ids=str)
def test_other_dtype_is_refused(dtype):
    with pytest.raises(WireError, match="no plain data"):
        encode(dtype)


def test_raw_numpy_scalar_is_refused():
    with pytest.raises(WireError, match="no plain data"):
        encode(np.void(b"abc"))


TENSORS = {
    "uint16": torch.zeros(2, dtype=torch.uint16),
    "float8_e5m2": torch.zeros(2, dtype=torch.float8_e5m2),
    "meta": torch.zeros(2, device="meta"),
}


@pytest.mark.parametrize(("name", "tensor"), TENSORS.items(), ids=TENSORS)
def test_tensor_of_another_dtype_or_device_is_refused(name, tensor):
    with pytest.raises(WireError, match=rf"the value is a tensor of dtype .*{name}, which|{name} on cpu, which"):
        encode(tensor)


def test_other_torch_dtype_is_refused():
    with pytest.raises(WireError, match=r"torch\.dtype"):
        encode(torch.uint16)


@pytest.mark.filterwarnings("ignore:Sparse")
def test_tensor_of_another_layout_is_refused():
    with pytest.raises(WireError, match=r"layout torch\.sparse_csr; dense and sparse_coo may cross"):
        encode(torch.eye(2).to_sparse_csr())


@pytest.mark.parametrize("function", [len, lambda: 1, np.sin, OwnDict().get, torch.relu])
def test_function_is_refused_unless_a_list_is_given(function):
    functions = []

    with pytest.raises(WireError, match="no plain data"):
        encode([function])
    encode([function], functions)
    assert functions == [function]


def test_class_is_no_function():
    with pytest.raises(WireError, match=r"builtins\.type"):
        encode(OwnDict, [])


PLACES = {
    "the value[1][0]": [1, (object(),)],
    "the value['a'][2]": {"a": [1, 2, object()]},
    "a key of the value": {frozenset([1]): 1, Colour.RED: 2},
    "an item of the value": {(1, 2): object()},
    "an item of the value[0]": {(Point(1, 2),)},
    "the value[3]": np.array([1, None, "a", object()], dtype=object),
}


@pytest.mark.parametrize(("place", "value"), PLACES.items(), ids=PLACES)
def test_refusal_names_the_place(place, value):
    with pytest.raises(WireError) as caught:
        encode(value)

    assert str(caught.value).startswith(f"{place} is of type")


def nested(depth, wrap):
    value = 1
    for _ in range(depth):
        value = wrap(value)
    return value


def in_array(value):
    array = np.empty(1, dtype=object)
    array[0] = value
    return array


WRAPS = {
    "list": lambda value: [value],
    "tuple": lambda value: (value,),
    "dict": lambda value: {"k": value},
    "frozenset": lambda value: frozenset([value]),
    "slice": lambda value: slice(value),
    "array": in_array,
    "Series": lambda value: pd.Series([value], dtype=object),
}


@pytest.mark.parametrize("wrap", WRAPS.values(), ids=WRAPS)
def test_nesting_is_bounded(wrap):
    with pytest.raises(WireError, match=f"nested more than {DEEPEST} levels"):
        encode(nested(400, wrap))


@pytest.mark.parametrize("wrap", WRAPS.values(), ids=WRAPS)
def test_what_can_be_written_can_be_read(wrap):
    """The two sides count levels alike: what one lets pass, the other does not refuse."""
    for depth in range(DEEPEST + 2):
        try:
            body = encode(nested(depth, wrap))
        except WireError:
            assert depth > 5
            return
        decode(body)
    pytest.fail("some depth must be refused")


def test_list_that_holds_itself_is_refused():
    endless = []
    endless.append(endless)

    with pytest.raises(WireError, match="nested more than"):
        encode(endless)
