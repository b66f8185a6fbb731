"""Takes pandas objects apart into plain data and puts them together again."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from mlkata.errors import WireError

LONGEST_RANGE = 1 << 27  # an index that holds none of its values

_SCALARS = ("Timestamp", "Timedelta", "NAType", "NaTType")
_ZONE = re.compile(r"(?!dateutil/)[\w+:/-]{1,64}", re.ASCII)  # dateutil would open any file that is named


def take_apart(value: Any) -> tuple[Any, ...] | None:
    """A tuple of plain data that `put_together` understands; None for a type that may not cross.

    Series, DataFrame, Index (also MultiIndex), Timestamp, Timedelta, NA and NaT may, with numpy, string, nullable,
    categorical and time-zone dtypes.
    """
    import pandas as pd

    kind = type(value)
    if kind.__name__ in _SCALARS:
        return _take_scalar(value)
    if kind is pd.Series:
        return ("Series", _values(value), _take_index(value.index), value.name)
    if kind is pd.DataFrame:
        columns = [_values(value.iloc[:, position]) for position in range(value.shape[1])]
        return ("DataFrame", columns, _take_index(value.index), _take_index(value.columns))
    if kind is pd.RangeIndex:
        return ("RangeIndex", value.start, value.stop, value.step, value.name)
    if kind is pd.MultiIndex:
        levels = [_values(value.get_level_values(level)) for level in range(value.nlevels)]
        return ("MultiIndex", levels, tuple(value.names))
    if kind in (pd.Index, pd.DatetimeIndex, pd.TimedeltaIndex, pd.CategoricalIndex):
        return ("Index", _values(value), value.name)
    return None


def put_together(parts: list[Any]) -> Any:
    """The object that `take_apart` made the parts of."""
    import pandas as pd

    match parts:
        case ["Series", tuple(values), tuple(index), name]:
            return _series(values, put_together(list(index)), name)
        case ["DataFrame", list(columns), tuple(index), tuple(names)]:
            rows, labels = put_together(list(index)), put_together(list(names))
            if len(labels) != len(columns):
                raise WireError("a DataFrame needs a label for each column")
            frame = pd.DataFrame({place: _series(column, rows) for place, column in enumerate(columns)}, index=rows)
            frame.columns = labels
            return frame
        case ["RangeIndex", int(start), int(stop), int(step), name]:
            index = pd.RangeIndex(start, stop, step, name=name)
            if len(index) > LONGEST_RANGE:
                raise WireError(f"an index stands for {len(index)} values, {LONGEST_RANGE} are allowed")
            return index
        case ["MultiIndex", list(levels), tuple(names)]:
            return pd.MultiIndex.from_arrays([_index(level) for level in levels], names=names)
        case ["Index", tuple(values), name]:
            return _index(values, name)
        case ["Timestamp", int(value), str(unit), zone]:
            stamp = pd.Timestamp(np.datetime64(value, _unit(unit)))
            return stamp if zone is None else stamp.tz_localize("UTC").tz_convert(_zone(zone))
        case ["Timedelta", int(value), str(unit)]:
            return pd.Timedelta(np.timedelta64(value, _unit(unit)))
        case ["NAType"]:
            return pd.NA
        case ["NaTType"]:
            return pd.NaT
    raise WireError("the parts of a pandas object do not fit together")


def _take_index(index: Any) -> tuple[Any, ...]:
    parts = take_apart(index)
    if parts is None:
        raise WireError(f"an index of type {type(index).__name__} is no plain data")
    return parts


def _take_scalar(value: Any) -> tuple[Any, ...] | None:
    name = type(value).__name__
    if name == "Timestamp":
        zone = None if value.tz is None else _zone(value.tz)
        return (name, int(value.asm8.astype("int64")), value.unit, zone)
    if name == "Timedelta":
        return (name, int(value.asm8.astype("int64")), value.unit)
    return (name,)


def _values(column: Any) -> tuple[Any, ...]:
    """The dtype by name and the values as plain data."""
    import pandas as pd

    dtype = column.dtype
    if isinstance(dtype, np.dtype):
        return ("numpy", column.to_numpy())
    if isinstance(dtype, pd.CategoricalDtype):
        codes = column.cat.codes if isinstance(column, pd.Series) else column.codes
        return ("category", np.asarray(codes), _values(dtype.categories), bool(dtype.ordered))
    if isinstance(dtype, pd.DatetimeTZDtype):
        moments = (
            column.dt.tz_convert("UTC").dt.tz_localize(None)
            if isinstance(column, pd.Series)
            else (column.tz_convert("UTC").tz_localize(None))
        )
        return ("zone", moments.to_numpy(), _zone(dtype.tz))
    if isinstance(dtype, pd.StringDtype):
        missing = column.isna()
        items = [None if gap else str(item) for item, gap in zip(column, missing, strict=True)]
        return ("string", items, dtype.na_value is pd.NA)
    if getattr(dtype, "numpy_dtype", None) is not None:
        missing = np.asarray(column.isna())
        kind = dtype.numpy_dtype
        values = column.array.to_numpy(dtype=kind, na_value=kind.type(0))
        return ("nullable", str(dtype), values, missing)
    raise WireError(f"a column of dtype {dtype} is no plain data")


def _series(parts: Any, index: Any, name: Any = None) -> Any:
    import pandas as pd

    array = _array(parts)
    return pd.Series(array, index=index, dtype=array.dtype, name=name, copy=True)  # or objects would become text


def _index(parts: Any, name: Any = None) -> Any:
    import pandas as pd

    array = _array(parts)
    return pd.Index(array, dtype=array.dtype, name=name)


def _array(parts: Any) -> Any:
    import pandas as pd

    match parts:
        case ("numpy", np.ndarray(ndim=1) as values):
            return values
        case ("category", np.ndarray(ndim=1) as codes, tuple(categories), bool(ordered)):
            return pd.Categorical.from_codes(codes, _index(categories), ordered=ordered)
        case ("zone", np.ndarray(ndim=1) as moments, str(zone)):
            return pd.DatetimeIndex(moments).tz_localize("UTC").tz_convert(_zone(zone))
        case ("string", list(items), bool(nullable)):
            return pd.array(items, dtype=pd.StringDtype() if nullable else pd.StringDtype(na_value=np.nan))
        case ("nullable", str(name), np.ndarray(ndim=1) as values, np.ndarray(ndim=1) as missing) if (
            name in _nullable_dtypes()
        ):
            array = pd.array(values, dtype=name)
            array[missing] = pd.NA
            return array
    raise WireError("the parts of a column do not fit together")


def _nullable_dtypes() -> frozenset[str]:
    widths = ("8", "16", "32", "64")
    integers = {f"{kind}{width}" for kind in ("Int", "UInt") for width in widths}
    return frozenset(integers | {"Float32", "Float64", "boolean"})


def _zone(zone: Any) -> str:
    name = str(zone)
    if not _ZONE.fullmatch(name):
        raise WireError(f"the time zone {name:.40} may not cross: use a name like Europe/Paris")
    return name


def _unit(unit: str) -> Any:
    if unit not in ("s", "ms", "us", "ns"):
        raise WireError(f"{unit:.10} is no unit of time")
    return unit
