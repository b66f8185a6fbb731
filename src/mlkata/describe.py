"""Says what a value is in one short line."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any

FIRST_VALUES = 6
LONGEST_TEXT = 120


def describe(value: Any) -> str:
    """A line with the type, shape, dtype and first values of a value.

    >>> describe([1, 2, 3])
    '[1, 2, 3]'
    >>> describe("focal")
    "'focal'"
    """
    for describer in (_array, _tensor, _frame, _function, _container):
        line = describer(value)
        if line is not None:
            return line
    return _written(value)


def describe_call(name: str, args: Iterable[Any], kwargs: Mapping[str, Any]) -> str:
    """A call with its arguments in short.

    >>> describe_call("f", (1,), {"gamma": 2.0})
    'f(1, gamma=2.0)'
    """
    parts = [describe(value) for value in args]
    parts += [f"{key}={describe(value)}" for key, value in kwargs.items()]
    line = f"{name}({', '.join(parts)})"
    if len(line) <= LONGEST_TEXT:
        return line
    return f"{name}(\n" + "".join(f"    {part},\n" for part in parts) + ")"


def number(value: Any) -> str:
    """A number with as many digits as tell something.

    >>> number(0.1 + 0.2), number(3), number(True)
    ('0.3', '3', 'True')
    """
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return f"{value:.9g}"
    return _written(value)


def shorten(text: str, longest: int = LONGEST_TEXT) -> str:
    """The text itself, or its beginning and an ellipsis."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def plain_type(value: Any) -> str:
    """The name of a value's type as a learner would write it.

    >>> plain_type(1.0), plain_type(None)
    ('float', 'None')
    """
    if value is None:
        return "None"
    kind = type(value)
    package = kind.__module__.split(".")[0]
    short = {"numpy": "numpy.", "torch": "torch.", "pandas": "pandas."}.get(package, "")
    return f"{short}{kind.__name__}"


def is_tensor(value: Any) -> bool:
    """Whether the value is a torch tensor; torch is not imported to find out."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def is_array(value: Any) -> bool:
    """Whether the value is a numpy array or a numpy scalar."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, (numpy.ndarray, numpy.generic))


def is_frame(value: Any) -> bool:
    """Whether the value is a pandas Series, DataFrame or Index."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, (pandas.Series, pandas.DataFrame, pandas.Index))


def _array(value: Any) -> str | None:
    if not is_array(value):
        return None
    if value.ndim == 0:
        return f"{value.dtype}({number(value)})"
    return f"array(shape={tuple(value.shape)}, {value.dtype}, {_first(value.reshape(-1)[:FIRST_VALUES], value.size)})"


def _tensor(value: Any) -> str | None:
    if not is_tensor(value):
        return None
    dtype = str(value.dtype).removeprefix("torch.")
    extras = "" if value.device.type == "cpu" else f", device={value.device.type}"
    extras += ", requires_grad" if value.requires_grad else ""
    if value.layout is not sys.modules["torch"].strided:
        return f"tensor(shape={tuple(value.shape)}, {dtype}, {value.layout}{extras})"
    first = value.detach().reshape(-1)[:FIRST_VALUES].cpu()
    return f"tensor(shape={tuple(value.shape)}, {dtype}{extras}, {_first(first, value.numel())})"


def _frame(value: Any) -> str | None:
    if not is_frame(value):
        return None
    name = type(value).__name__
    if name == "DataFrame":
        columns = ", ".join(f"{column}: {dtype}" for column, dtype in value.dtypes.items())
        return shorten(f"DataFrame({len(value)} rows; {columns})")
    return shorten(f"{name}({len(value)} values, {value.dtype}, {_first(value[:FIRST_VALUES], len(value))})")


def _function(value: Any) -> str | None:
    return f"<function {getattr(value, '__name__', '?')}>" if callable(value) else None


def _container(value: Any) -> str | None:
    if isinstance(value, dict):
        inner = ", ".join(
            f"{shorten(_written(key), 40)}: {describe(item)}" for key, item in list(value.items())[:FIRST_VALUES]
        )
        return shorten("{" + inner + (", …}" if len(value) > FIRST_VALUES else "}"), 2 * LONGEST_TEXT)
    if isinstance(value, (list, tuple)):
        opening, closing = ("[", "]") if isinstance(value, list) else ("(", ",)" if len(value) == 1 else ")")
        inner = ", ".join(describe(item) for item in value[:FIRST_VALUES])
        more = f", … {len(value)} in all" if len(value) > FIRST_VALUES else ""
        return shorten(opening + inner + more + closing, 2 * LONGEST_TEXT)
    return None


def _written(value: Any) -> str:
    try:
        return shorten(repr(value))
    except ValueError:
        # Python does not write out integers of thousands of digits.
        return f"<{plain_type(value)} that is too long to show>"


def _first(values: Iterable[Any], size: int) -> str:
    shown = ", ".join(number(value) for value in values)
    return f"[{shown}, …]" if size > FIRST_VALUES else f"[{shown}]"
