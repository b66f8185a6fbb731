"""pandas objects arrive with their dtypes, labels and names, and made-up parts are refused."""

from __future__ import annotations

import datetime

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.extra.pandas import column, data_frames, range_indexes

from mlkata.errors import WireError
from mlkata.wire import decode, encode
from mlkata.wire_encode import Writer

FEW = settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


def arrived(value):
    return decode(bytes(encode(value)))


def from_parts(*parts):
    """What is read from parts that `take_apart` need not have made."""
    writer = Writer(None)
    writer.out += b"P"
    writer.items(b"t", parts, "the parts", 0)
    return decode(writer.out)


VALUES = {
    "int64": pd.Series([1, 2, 3]),
    "int8": pd.Series([1, -2], dtype="int8"),
    "float32 with NaN": pd.Series([0.5, np.nan, -0.0], dtype="float32"),
    "bool": pd.Series([True, False]),
    "complex": pd.Series([1 + 2j]),
    "text": pd.Series(["a", None, ""]),
    "text of the nullable dtype": pd.Series(["a", pd.NA], dtype="string"),
    "text as objects": pd.Series(["a", "b"], dtype=object),
    "objects": pd.Series([1, "a", None, [1, 2], np.zeros(2), (3,)], dtype=object),
    "moments as objects": pd.Series([pd.Timestamp("2020-01-01"), None], dtype=object),
    "Int64": pd.Series([1, None, 2**62], dtype="Int64"),
    "UInt8": pd.Series([1, None], dtype="UInt8"),
    "Float32": pd.Series([1.5, None], dtype="Float32"),
    "Float64 with NaN and NA": pd.Series(pd.array([1.5, None], dtype="Float64")) / 1,
    "boolean": pd.Series([True, None, False], dtype="boolean"),
    "categories": pd.Series(["b", None, "a"], dtype=pd.CategoricalDtype(["c", "b", "a"])),
    "ordered categories": pd.Series([3, 1], dtype=pd.CategoricalDtype([3, 2, 1], ordered=True)),
    "categories that are objects": pd.Series(pd.Categorical(pd.Index(["a"], dtype=object))),
    "moments": pd.Series(pd.to_datetime(["2020-01-01 12:30", None])),
    "moments in nanoseconds": pd.Series(np.array([1, 2], dtype="M8[ns]")),
    "moments with a zone": pd.Series(pd.to_datetime(["2020-07-01 12:30", None]).tz_localize("Europe/Paris")),
    "moments with an offset": pd.Series(pd.to_datetime(["2020-07-01T12:30:00+05:30"])),
    "spans": pd.Series(pd.to_timedelta(["1h", None])),
    "name": pd.Series([1.0], name=("a", 1)),
    "labels": pd.Series([1.0, 2.0], index=["x", "y"]),
    "doubled labels": pd.Series([1, 2, 3], index=["x", "x", "y"]),
    "labels from 5": pd.Series([1, 2], index=pd.RangeIndex(5, 9, 2, name="row")),
    "empty": pd.Series([], dtype="float32"),
    "empty objects": pd.Series([], dtype=object),
}
INDEXES = {
    "range": pd.RangeIndex(1, 10, 3, name="n"),
    "integers": pd.Index([3, 1, 2], dtype="int32", name="n"),
    "text": pd.Index(["a", "b"]),
    "text as objects": pd.Index(["a", "b"], dtype=object),
    "moments": pd.DatetimeIndex(["2020-01-01", "2020-01-03"], name="day"),
    "moments with a zone": pd.DatetimeIndex(["2020-01-01"], tz="America/Argentina/Buenos_Aires"),
    "spans": pd.TimedeltaIndex(["1h"]),
    "categories": pd.CategoricalIndex(["a", "b", "a"], ordered=True, name="c"),
    "nullable": pd.Index([1, None], dtype="Int32"),
    "levels": pd.MultiIndex.from_tuples([("a", 1), ("b", 2), ("a", 1)], names=["x", None]),
    "levels of objects": pd.MultiIndex.from_arrays([pd.Index(["a"], dtype=object), pd.Index([None], dtype=object)]),
    "no rows of levels": pd.MultiIndex.from_tuples([("a", 1)])[:0],
    "empty": pd.Index([], dtype="float64"),
}
FRAMES = {
    "every dtype": pd.DataFrame({name: value.reset_index(drop=True) for name, value in VALUES.items() if len(value)}),
    "doubled columns": pd.DataFrame([[1, "a"], [2, "b"]], columns=["x", "x"]),
    "numbered columns": pd.DataFrame(np.arange(6.0).reshape(2, 3)),
    "levels of columns": pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "u"), ("a", "v")])),
    "named columns": pd.DataFrame([[1]], columns=pd.Index(["a"], name="feature")),
    "doubled rows": pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}, index=[7, 7]),
    "levels of rows": pd.DataFrame({"a": [1, 2]}, index=INDEXES["levels"][:2]),
    "no rows": pd.DataFrame({"a": pd.Series([], dtype="int8"), "b": pd.Series([], dtype="str")}),
    "no columns": pd.DataFrame(index=["x", "y"]),
    "nothing": pd.DataFrame(),
}


@pytest.mark.parametrize("series", VALUES.values(), ids=VALUES)
def test_series_arrives_as_it_was(series):
    found = arrived(series)

    pd.testing.assert_series_equal(found, series, check_exact=True, check_index_type="exact", check_freq=False)
    assert [type(item) for item in found] == [type(item) for item in series]


@pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES)
def test_index_arrives_as_it_was(index):
    found = arrived(index)

    pd.testing.assert_index_equal(found, index, exact=True)
    assert type(found) is type(index)
    if index.nlevels > 1:
        assert found.dtypes.tolist() == index.dtypes.tolist()


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_frame_arrives_as_it_was(frame):
    found = arrived(frame)

    pd.testing.assert_frame_equal(found, frame, check_exact=True, check_column_type="exact", check_freq=False)
    assert found.columns.names == frame.columns.names


@FEW
@given(
    data_frames(
        [column("a", dtype=float), column("b", elements=st.text(max_size=3)), column("c", dtype="M8[us]")],
        index=range_indexes(max_size=4),
    )
)
def test_drawn_frame_arrives_as_it_was(frame):
    pd.testing.assert_frame_equal(arrived(frame), frame, check_exact=True)


@pytest.mark.parametrize(
    "value",
    [
        *(pd.Timestamp("2020-01-01 00:00:00.000000001"), pd.Timestamp("1066-10-14").as_unit("s")),
        *(pd.Timestamp("2020-07-01", tz="Europe/Paris"), pd.Timestamp("2020-07-01T01:00:00-03:00")),
        *(pd.Timedelta("1 day 1ns"), pd.Timedelta(3, "s"), pd.NaT, pd.NA),
    ],
    ids=str,
)
def test_single_value_arrives_as_it_was(value):
    found = arrived(value)

    assert type(found) is type(value)
    assert (found is value) if value is pd.NA or value is pd.NaT else (found == value and str(found) == str(value))


def test_what_arrives_can_be_changed_without_changing_what_was_sent():
    series, frame = pd.Series([1.0, 2.0]), pd.DataFrame({"a": [1.0, 2.0]})
    body = encode([series, frame])
    for found in decode(body):
        found.iloc[0] = 9.0

    assert decode(body)[0].tolist() == [1.0, 2.0]
    assert decode(body)[1]["a"].tolist() == [1.0, 2.0]


INDEX_TYPES = {"PeriodIndex": pd.period_range("2020", periods=2), "IntervalIndex": pd.interval_range(0, 2)}


@pytest.mark.parametrize(("name", "index"), INDEX_TYPES.items(), ids=INDEX_TYPES)
def test_other_index_is_refused(name, index):
    for value in (
        pd.Series([1, 2], index=index),
        pd.DataFrame({"a": [1, 2]}, index=index),
        pd.DataFrame([[1, 2]], columns=index),
    ):
        with pytest.raises(WireError, match=f"an index of type {name} is no plain data"):
            encode(value)


@pytest.mark.parametrize("dtype", ["Sparse[int64]", "period[D]", "interval[int64, right]"])
def test_column_of_another_dtype_is_refused(dtype):
    values = {"S": [1, 2], "p": pd.period_range("2020", periods=2), "i": pd.interval_range(0, 2)}[dtype[0]]

    with pytest.raises(WireError, match=r"a column of dtype .* is no plain data"):
        encode(pd.DataFrame({"a": pd.Series(values, dtype=dtype)}))


def test_zone_without_a_name_is_refused():
    zone = datetime.timezone(datetime.timedelta(hours=1), "my zone!")

    with pytest.raises(WireError, match="the time zone my zone! may not cross: use a name like Europe/Paris"):
        encode(pd.Timestamp("2020-01-01", tz=zone))


ONE = ("numpy", np.array([1.0]))
ROWS = ("RangeIndex", 0, 1, 1, None)
MADE_UP = {
    "no parts": (),
    "unknown type": ("Panel", ONE),
    "one number for many rows": ("Series", ("numpy", np.array(5.0)), ("RangeIndex", 0, 10**9, 1, None), None),
    "one number for a column": ("DataFrame", [("numpy", np.array(5.0))], ("RangeIndex", 0, 10**9, 1, None), ROWS),
    "rows that do not fit": ("Series", ONE, ("RangeIndex", 0, 10**9, 1, None), None),
    "rows of a frame that do not fit": ("DataFrame", [ONE], ("RangeIndex", 0, 10**9, 1, None), ROWS),
    "more labels than columns": ("DataFrame", [ONE], ROWS, ("RangeIndex", 0, 10**9, 1, None)),
    "matrix as a column": ("Series", ("numpy", np.zeros((1, 1))), ROWS, None),
    "list as a column": ("Series", ("numpy", [1.0]), ROWS, None),
    "name that cannot be hashed": ("Series", ONE, ROWS, [1]),
    "step of zero": ("RangeIndex", 0, 5, 0, None),
    "codes beyond the categories": ("Series", ("category", np.array([5]), ONE, False), ROWS, None),
    "codes without an axis": ("Series", ("category", np.array(0), ONE, False), ROWS, None),
    "categories that repeat": ("Index", ("category", np.array([0]), ("numpy", np.array([1, 1])), False), None),
    "no such nullable dtype": ("Index", ("nullable", "Int7", np.array([1]), np.array([False])), None),
    "dtype beyond the nullable ones": ("Index", ("nullable", "object", np.array([1]), np.array([False])), None),
    "gaps that do not fit": ("Index", ("nullable", "Int8", np.array([1]), np.array([False, True])), None),
    "number as text": ("Index", ("string", [1.5, b"a"], True), 3, 4),
    "levels of different lengths": ("MultiIndex", [ONE, ("numpy", np.array([1.0, 2.0]))], (None, None)),
    "unit of no time": ("Timestamp", 5, "Y", None),
    "moment beyond 64 bits": ("Timestamp", 2**70, "ns", None),
    "zone that is a path": ("Timestamp", 5, "ns", "../../etc/passwd"),
    "zone that is a folder": ("Timestamp", 5, "ns", "Europe"),
    "zone that opens a file": ("Timestamp", 5, "ns", "dateutil//etc/hostname"),
    "zone of the machine": ("Timestamp", 5, "ns", "tzlocal()"),
    "zone too long for a file": ("Timestamp", 5, "ns", "a" * 5000),
    "zone of a column that opens a file": (
        *("Index", ("zone", np.array([0], "M8[ns]"), "dateutil//etc/hostname"), None),
    ),
    "NaT with parts": ("NaTType", 1),
}


@pytest.mark.parametrize("parts", MADE_UP.values(), ids=MADE_UP)
def test_made_up_parts_are_refused(parts):
    with pytest.raises(WireError):
        from_parts(*parts)
