"""Writes a snippet that repeats a call by hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from mlkata import probes
from mlkata.describe import describe, is_array, is_frame, is_tensor
from mlkata.submission import Call

MOST_VALUES = 200

_IMPORTS = {
    "np.": "import numpy as np",
    "pd.": "import pandas as pd",
    "scipy.": "import scipy.sparse",
    "torch.": "import torch",
}


def snippet(call: Call, path: Path) -> str:
    """Python code that makes the same call, to be run in the folder of the submission.

    Arrays of up to 200 values are written out, contiguously; of a larger one the snippet says what it was.
    """
    arguments = _arguments(call.args, call.kwargs)
    if call.probe:
        beside, function = _beside(call.probe), f"{call.probe.__name__}(submission{', ' if arguments else ''}"
    else:
        beside, function = [], f"submission.{call.name}("
    code = "\n".join([*beside, f"print({function}{arguments}))"])
    imports = [line for mark, line in _IMPORTS.items() if mark in code]
    return "\n".join([*dict.fromkeys([*imports, _import(path)]), "", code])


def literal(value: Any) -> str:
    """Python code for a plain value; behind it, as a comment, what was left out of it."""
    return " ".join(_literal(value))


def _import(path: Path) -> str:
    if path.stem.isidentifier():
        return f"import {path.stem} as submission"
    return f"import importlib\nsubmission = importlib.import_module({path.stem!r})"


def _beside(probe: Callable[..., Any]) -> list[str]:
    """The lines that a probe needs, and its own."""
    packed = probes.pack(probe)
    lines = [
        f"import {dotted}" if dotted == alias else f"import {dotted} as {alias}"
        for alias, dotted in packed["modules"].items()
    ]
    lines += [f"from {dotted} import {name} as {alias}" for alias, (dotted, name) in packed["objects"].items()]
    lines += [f"{alias} = {literal(value)}" for alias, value in packed["constants"].items()]
    helpers = [probe.__globals__[alias] for alias in packed["functions"] if alias != probe.__name__]
    for function in (*helpers, probe):
        lines += ["", probes.source(function).rstrip(), ""]
    return lines


def _arguments(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
    parts = [("", *_literal(value)) for value in args]
    parts += [(f"{name}=", *_literal(value)) for name, value in kwargs.items()]
    one_line = ", ".join(name + code for name, code, _ in parts)
    if len(one_line) < 90 and not any(note for _, _, note in parts):
        return one_line
    return "\n" + "".join(f"    {name}{code},  {note}".rstrip() + "\n" for name, code, note in parts)


def _literal(value: Any) -> tuple[str, str]:
    left_out: list[str] = []
    code = _code(value, left_out)
    return code, "# " + "; ".join(left_out) if left_out else ""


def _code(value: Any, left_out: list[str]) -> str:
    """The code; of each part that is too large, or that code cannot make, a description goes into `left_out`."""
    kind = type(value)
    if _is_large(value):
        return _leave_out(value, left_out)
    if is_tensor(value):
        return _tensor(value, left_out)
    if is_array(value):
        return _array(value, left_out)
    if is_frame(value):
        return _frame(value, left_out)
    if kind in _BRACKETS:
        return _container(value, left_out)
    if kind in (float, complex):
        return _number(value)
    if kind is slice:
        return f"slice({', '.join(_code(part, left_out) for part in (value.start, value.stop, value.step))})"
    if kind in (type(None), bool, int, str, bytes, range, type(...)):
        return repr(value)
    return _named(value) or _leave_out(value, left_out)


def _is_large(value: Any) -> bool:
    size = value.numel() if is_tensor(value) else math.prod(getattr(value, "shape", ()))
    return size > MOST_VALUES


def _leave_out(value: Any, left_out: list[str]) -> str:
    left_out.append(" ".join(describe(value).split()))
    return "..."


_BRACKETS: dict[type, tuple[str, str]] = {
    list: ("[", "]"),
    tuple: ("(", ")"),
    set: ("{", "}"),
    frozenset: ("frozenset([", "])"),
    dict: ("{", "}"),
}


def _container(value: Any, left_out: list[str]) -> str:
    opening, closing = _BRACKETS[type(value)]
    if type(value) is dict:
        parts = [f"{_code(key, left_out)}: {_code(item, left_out)}" for key, item in value.items()]
    else:
        parts = [_code(item, left_out) for item in value]
    if type(value) is set and not parts:
        return "set()"
    return opening + ", ".join(parts) + ("," if type(value) is tuple and len(parts) == 1 else "") + closing


def _number(value: float | complex) -> str:
    if isinstance(value, complex):
        return f"complex({_number(value.real)}, {_number(value.imag)})"
    return repr(value) if math.isfinite(value) else f'float("{value}")'


def _named(value: Any) -> str:
    """Code for a dtype, a device, a sparse matrix, or one moment of pandas."""
    package, name = type(value).__module__.partition(".")[0], type(value).__name__
    if package == "pandas":
        return {"NAType": "pd.NA", "NaTType": "pd.NaT"}.get(name, f"pd.{value!r}")
    if package == "torch":
        return f'torch.device("{value}")' if name == "device" else repr(value)
    if package == "numpy" and hasattr(value, "itemsize"):
        return f"np.dtype({_dtype(value)})"
    if package == "scipy" and hasattr(value, "toarray"):
        return f"scipy.sparse.{name}({_array(value.toarray(), [])})"
    return ""


def _array(value: Any, left_out: list[str]) -> str:
    kind, dtype = value.dtype.kind, _dtype(value.dtype)
    if type(value).__name__ != "ndarray":
        is_common = kind in "fc" and type(value.item()) in (float, complex)
        return f"np.{value.dtype}({_number(value.item())})" if is_common else repr(value)
    if not value.size:
        return f"np.zeros({value.shape}, dtype={dtype})"
    items = value.astype("int64") if kind in "mM" else value
    if kind == "O" and any(hasattr(item, "__len__") and type(item) is not str for item in value.flat):
        return f"np.fromiter({_code(items.reshape(-1).tolist(), left_out)}, dtype=object).reshape({value.shape})"
    return f"np.array({_code(items.tolist(), left_out)}, dtype={dtype})"


def _dtype(dtype: Any) -> str:
    return "object" if str(dtype) == "object" else f'"{dtype}"'


def _tensor(value: Any, left_out: list[str]) -> str:
    extras = f"dtype={value.dtype}"
    extras += ", requires_grad=True" if value.requires_grad else ""
    extras += f', device="{value.device.type}"' if value.device.type != "cpu" else ""
    dense = value.detach().to_dense()
    data = _code(dense.tolist(), left_out)
    code = f"torch.tensor({data}, {extras})" if dense.numel() else f"torch.zeros({tuple(value.shape)}, {extras})"
    return f"{code}.to_sparse()" if value.is_sparse else code


def _frame(value: Any, left_out: list[str]) -> str:
    if type(value).__name__ == "Series":
        return _series(value, left_out, _name_of(value, left_out))
    if type(value).__name__ != "DataFrame":
        return _index(value, left_out)
    labels = value.columns
    plain = labels.is_unique and labels.nlevels == 1 and labels.name is None
    keys: Iterable[Any] = labels.tolist() if plain else range(len(labels))
    parts = [value.iloc[:, place] for place in range(len(labels))]
    columns = [_series(part, left_out) if part.dtype == object else _column(part, left_out) for part in parts]
    data = ", ".join(f"{_code(key, left_out)}: {column}" for key, column in zip(keys, columns, strict=True))
    code = f"pd.DataFrame({{{data}}}{_index_of(value, left_out)})"
    return code if plain else f"{code}.set_axis({_index(labels, left_out)}, axis=1)"


def _series(value: Any, left_out: list[str], name: str = "") -> str:
    return f"pd.Series({_column(value, left_out)}{_index_of(value, left_out)}{name})"


def _name_of(value: Any, left_out: list[str]) -> str:
    return "" if value.name is None else f", name={_code(value.name, left_out)}"


def _column(values: Any, left_out: list[str]) -> str:
    """The first arguments of a Series or Index: values, with their dtype where pandas would not find that by itself."""
    import pandas as pd

    data = values.tolist()
    code = _code(data, left_out)
    if str(values.dtype) == "category":
        categories = _code(values.dtype.categories.tolist(), left_out)
        return f"pd.Categorical({code}, categories={categories}, ordered={values.dtype.ordered})"
    if values.dtype == object:
        return f"{code}, dtype=object"
    if data and pd.Series(data).dtype == values.dtype:
        return code
    return f"pd.array({code}, dtype={_dtype(values.dtype)})"


def _index_of(value: Any, left_out: list[str]) -> str:
    """The argument `index`, unless it is the one that pandas makes by itself."""
    index = value.index
    if type(index).__name__ == "RangeIndex" and (index.start, index.step, index.name) == (0, 1, None):
        return "" if value.ndim == 1 or value.shape[1] else f", index=pd.{index!r}"
    return f", index={_index(index, left_out)}"


def _index(index: Any, left_out: list[str]) -> str:
    if type(index).__name__ == "RangeIndex":
        return f"pd.{index!r}"
    if index.nlevels > 1:
        return f"pd.MultiIndex.from_tuples({_code(index.tolist(), left_out)}, names={list(index.names)!r})"
    return f"pd.Index({_column(index, left_out)}{_name_of(index, left_out)})"
