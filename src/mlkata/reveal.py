"""Writes a snippet that repeats a call by hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlkata import probes
from mlkata.describe import describe, is_array, is_frame, is_tensor
from mlkata.submission import Call

MOST_VALUES = 200


def snippet(call: Call, path: Path) -> str:
    """Python code that makes the same call, to be run in the folder of the submission.

    Arrays of up to 200 values are written out; of a larger one the snippet says what it was.
    """
    lines = ["import numpy as np", "import pandas as pd", "import torch", f"import {path.stem} as submission", ""]
    used = "".join(literal(value) for value in (*call.args, *call.kwargs.values()))
    source = probes.source(call.probe) if call.probe else ""
    keep = {"np": "np.", "pd": "pd.", "torch": "torch."}
    lines = [
        line for line in lines if line.partition(" as ")[2] not in ("np", "pd") or keep[line[-2:]] in used + source
    ]
    lines = [line for line in lines if line != "import torch" or "torch." in used + source]
    if call.probe:
        lines += [source.rstrip(), ""]
        arguments = _arguments(call.args, call.kwargs)
        lines.append(f"print({call.probe.__name__}(submission{', ' if arguments else ''}{arguments}))")
    else:
        lines.append(f"print(submission.{call.name}({_arguments(call.args, call.kwargs)}))")
    return "\n".join(lines)


def literal(value: Any) -> str:
    """Python code for a plain value."""
    if is_tensor(value):
        return _tensor(value)
    if is_array(value):
        if value.ndim == 0:
            return f"np.{value.dtype}({value.item()!r})"
        return _sized(value, value.size, lambda: f"np.array({_numbers(value.tolist())}, dtype={_dtype(value)})")
    if is_frame(value):
        return _frame(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{literal(key)}: {literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(literal, value)) + (",)" if len(value) == 1 else ")")
    if isinstance(value, float):
        return _numbers(value)
    return f"...  # {describe(value)}" if callable(value) else repr(value)


def _arguments(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
    parts = [literal(value) for value in args] + [f"{name}={literal(value)}" for name, value in kwargs.items()]
    one_line = ", ".join(parts)
    if len(one_line) < 90 and "#" not in one_line:
        return one_line
    return "\n" + "".join(f"    {_comma(part)}\n" for part in parts)


def _comma(part: str) -> str:
    code, mark, comment = part.partition("  # ")
    return f"{code},{mark}{comment}"


def _tensor(value: Any) -> str:
    dtype = str(value.dtype)
    extras = ", requires_grad=True" if value.requires_grad else ""
    extras += f', device="{value.device.type}"' if value.device.type != "cpu" else ""
    dense = value.detach().to_dense() if value.is_sparse else value.detach()
    code = _sized(value, value.numel(), lambda: f"torch.tensor({_numbers(dense.tolist())}, dtype={dtype}{extras})")
    return f"{code}.to_sparse()" if value.is_sparse and not code.startswith("...") else code


def _frame(value: Any) -> str:
    name = type(value).__name__
    if name not in ("Series", "DataFrame") or value.size > MOST_VALUES:
        return f"...  # {describe(value)}"
    index = "" if list(value.index) == list(range(len(value))) else f", index={list(value.index)!r}"
    data = value.to_dict("list") if name == "DataFrame" else value.tolist()
    return f"pd.{name}({_numbers(data)}{index})"


def _sized(value: Any, size: int, code: Any) -> str:
    return str(code()) if size <= MOST_VALUES else f"...  # {describe(value)}"


def _dtype(value: Any) -> str:
    return "object" if value.dtype == object else f'"{value.dtype}"'


def _numbers(value: Any) -> str:
    text = repr(value)
    for word in ("nan", "inf"):
        if word in text:
            text = text.replace(word, f'float("{word}")')
    return text
