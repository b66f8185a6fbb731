"""Reads a value from bytes that are not believed: see `mlkata.wire`."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any

from mlkata.errors import WireError
from mlkata.wire_encode import ARRAY_KINDS, DEEPEST, SPARSE_TYPES, TENSOR_DEVICES, TENSOR_DTYPES

MOST_DIMENSIONS = 32
MOST_UNITS = 4_000_000  # values in one value; objects that take more to make than their bytes count more often
MOST_UNROLLED = 1 << 27  # values that a sparse matrix may stand for
LARGEST_INT = 1 << 16  # bytes: what is done with longer ones takes too long

_UNITS = {b"A": 8, b"G": 8, b"O": 8, b"T": 16, b"Z": 64, b"J": 64, b"P": 512, b"e": 4, b"z": 4, b"d": 4}

_SIZE = struct.Struct("<Q")
_STRIDE = struct.Struct("<q")
_FLOAT = struct.Struct("<d")
_COMPLEX = struct.Struct("<dd")


class Reader:
    def __init__(self, data: memoryview, functions: Callable[[int], Callable[..., Any]] | None, layouts: bool) -> None:
        self.data = data
        self.at = 0
        self.functions = functions
        self.layouts = layouts
        self.budget = MOST_UNITS

    @property
    def left(self) -> int:
        """How many bytes have not been read yet."""
        return len(self.data) - self.at

    def read(self, depth: int) -> Any:
        if depth > DEEPEST:
            raise WireError(f"a value is nested more than {DEEPEST} levels deep")
        tag = self.take(1).tobytes()
        reader = _READERS.get(tag)
        if reader is None:
            raise WireError(f"no value begins with the byte {tag!r}")
        self.budget -= _UNITS.get(tag, 1)
        if self.budget < 0:
            raise WireError("there are too many values in one value: send arrays, not lists of numbers")
        return reader(self, depth)

    def take(self, size: int) -> memoryview:
        if size > self.left:
            raise WireError(f"{size} bytes are announced, {self.left} are there")
        self.at += size
        return self.data[self.at - size : self.at]

    def size(self) -> int:
        return int(_SIZE.unpack(self.take(8))[0])

    def blob(self) -> memoryview:
        return self.take(self.size())

    def text(self) -> str:
        return str(self.blob(), "utf-8", "surrogatepass")

    def items(self, depth: int) -> list[Any]:
        count = self.size()
        if count > self.left:
            raise WireError(f"{count} items are announced, {self.left} bytes are there")
        return [self.read(depth + 1) for _ in range(count)]

    def expect(self, depth: int, *kinds: type) -> list[Any]:
        values = self.items(depth)
        if len(values) != len(kinds) or not all(type(item) is kind for item, kind in zip(values, kinds, strict=True)):
            raise WireError("a part of a value has the wrong type")
        return values

    def shape(self) -> tuple[int, ...]:
        count = self.take(1)[0]
        if count > MOST_DIMENSIONS:
            raise WireError(f"{count} dimensions are announced, {MOST_DIMENSIONS} are allowed")
        return tuple(self.size() for _ in range(count))

    def unroll(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of what holds few of its values, of which there must not be too many."""
        if _count(shape) > MOST_UNROLLED:
            raise WireError(f"one value stands for {_count(shape)} values, {MOST_UNROLLED} are allowed")
        return shape

    def dtype(self, *kinds: str) -> Any:
        import numpy as np

        text = self.text()
        dtype = np.dtype(text) if text[1:2] in kinds else None
        if dtype is None or dtype.kind not in kinds:
            raise WireError(f"the dtype {text!r:.40} is no plain data")
        return dtype

    def array(self) -> Any:
        import numpy as np

        dtype, shape = self.dtype(*ARRAY_KINDS), self.shape()
        strides, data = self.layout(shape), self.blob()
        if _count(shape) * dtype.itemsize != data.nbytes or (_count(shape) and not dtype.itemsize):
            raise WireError(f"an array of shape {shape} does not fit into {data.nbytes} bytes")
        if not data.nbytes:
            return np.zeros(shape, dtype)
        return _lay_out(data, dtype.itemsize, shape, strides).view(dtype)

    def layout(self, shape: tuple[int, ...]) -> tuple[int, ...] | None:
        """The strides in elements of an array that was not contiguous."""
        if not self.take(1)[0]:
            return None
        strides = tuple(int(_STRIDE.unpack(self.take(8))[0]) for _ in shape)
        return strides if self.layouts else None

    def tensor(self) -> Any:
        import numpy as np
        import torch

        name, device, requires_grad = self.text(), self.text(), self.take(1)[0]
        shape = self.shape()
        strides, data = self.layout(shape), self.blob()
        dtype = getattr(torch, name, None) if name in TENSOR_DTYPES else None
        if dtype is None or device not in TENSOR_DEVICES:
            raise WireError(f"a tensor of dtype {name!r} on {device!r} is no plain data")
        if _count(shape) * dtype.itemsize != data.nbytes:
            raise WireError(f"a tensor of shape {shape} does not fit into {data.nbytes} bytes")
        if data.nbytes:
            laid = _lay_out(data, dtype.itemsize, shape, strides)
            base = laid if laid.base is None else laid.base
            steps = [stride // dtype.itemsize for stride in laid.strides]
            whole = torch.from_numpy(base.view(np.uint8)).view(dtype).as_strided(shape, steps)
        else:
            whole = torch.empty(shape, dtype=dtype)
        if device == "cuda":
            whole = whole.to(device)
        return whole.requires_grad_(bool(requires_grad))


def _count(shape: tuple[int, ...]) -> int:
    return math.prod(list(shape))


def _lay_out(data: memoryview, itemsize: int, shape: tuple[int, ...], strides: tuple[int, ...] | None) -> Any:
    """A writable array of raw items, contiguous or with the strides given (in elements)."""
    import numpy as np

    raw = np.frombuffer(data, np.dtype((np.void, itemsize)))
    if strides is None:
        return raw.copy().reshape(shape)
    steps = [stride * (length - 1) for stride, length in zip(strides, shape, strict=True)]
    first = -sum(step for step in steps if step < 0)
    base = np.zeros(first + 1 + sum(step for step in steps if step > 0), raw.dtype)
    in_bytes = [stride * itemsize for stride in strides]
    laid = np.ndarray(shape, raw.dtype, base, first * itemsize, in_bytes)
    laid[...] = raw.reshape(shape)
    return laid


def _read_objects(reader: Reader, depth: int) -> Any:
    import numpy as np

    shape = reader.shape()
    values = reader.read(depth + 1)
    if type(values) is not list or len(values) != _count(shape):
        raise WireError(f"an array of shape {shape} does not fit its values")
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array.reshape(shape)


def _read_scalar(reader: Reader, depth: int) -> Any:
    array = reader.array()
    if array.shape != ():
        raise WireError(f"a numpy scalar cannot have the shape {array.shape}")
    return array[()]


def _read_torch_name(reader: Reader, depth: int) -> Any:
    import torch

    name = reader.text()
    if name not in TENSOR_DTYPES:
        raise WireError(f"there is no dtype torch.{name:.40}")
    return getattr(torch, name)


def _read_device(reader: Reader, depth: int) -> Any:
    import torch

    return torch.device(reader.text())


def _read_torch_sparse(reader: Reader, depth: int) -> Any:
    import torch

    indices, values = reader.read(depth + 1), reader.read(depth + 1)
    if type(indices) is not torch.Tensor or type(values) is not torch.Tensor:
        raise WireError("a sparse tensor consists of indices and values")
    shape = reader.unroll(reader.shape())
    return torch.sparse_coo_tensor(indices, values, shape, check_invariants=True).coalesce()


def _read_sparse(reader: Reader, depth: int) -> Any:
    import numpy as np
    from scipy import sparse

    name = reader.text()
    if name not in SPARSE_TYPES:
        raise WireError(f"there is no sparse matrix of type {name:.40}")
    reader.take(1)
    shape, data, *places = reader.expect(depth, tuple, np.ndarray, np.ndarray, np.ndarray)
    reader.unroll(shape)
    if name.startswith("coo"):
        return getattr(sparse, name)((data, tuple(places)), shape=shape)
    made = getattr(sparse, name)((data, *places), shape=shape)
    made.check_format(full_check=True)
    return made


def _read_pandas(reader: Reader, depth: int) -> Any:
    from mlkata import wire_pandas

    reader.take(1)
    return wire_pandas.put_together(reader.items(depth))


def _read_function(reader: Reader, depth: int) -> Any:
    if reader.functions is None:
        raise WireError("a function may not come from this side")
    return reader.functions(reader.size())


def _read_int(reader: Reader, depth: int) -> int:
    data = reader.blob()
    if data.nbytes > LARGEST_INT:
        raise WireError(f"an int of {data.nbytes} bytes arrived, {LARGEST_INT} are allowed")
    return int.from_bytes(data, "little", signed=True)


def _read_dict(reader: Reader, depth: int) -> dict[Any, Any]:
    count = reader.size()
    if count > reader.left:
        raise WireError(f"{count} items are announced, {reader.left} bytes are there")
    return {reader.read(depth + 1): reader.read(depth + 1) for _ in range(count)}


def _read_range(reader: Reader, depth: int) -> range:
    start, stop, step = reader.expect(depth, int, int, int)
    values = range(start, stop, step)
    if values and abs(values[-1] - values[0]) // abs(step) >= MOST_UNITS:
        raise WireError(f"a range of more than {MOST_UNITS} values arrived")
    return values


def _read_slice(reader: Reader, depth: int) -> slice:
    values = reader.items(depth)
    if len(values) != 3:
        raise WireError("a slice has three parts")
    return slice(*values)


_READERS: dict[bytes, Callable[[Reader, int], Any]] = {
    b"N": lambda reader, depth: None,
    b"+": lambda reader, depth: True,
    b"-": lambda reader, depth: False,
    b".": lambda reader, depth: ...,
    b"i": _read_int,
    b"f": lambda reader, depth: _FLOAT.unpack(reader.take(8))[0],
    b"c": lambda reader, depth: complex(*_COMPLEX.unpack(reader.take(16))),
    b"s": lambda reader, depth: reader.text(),
    b"b": lambda reader, depth: bytes(reader.blob()),
    b"l": lambda reader, depth: reader.items(depth),
    b"t": lambda reader, depth: tuple(reader.items(depth)),
    b"e": lambda reader, depth: set(reader.items(depth)),
    b"z": lambda reader, depth: frozenset(reader.items(depth)),
    b"d": _read_dict,
    b"r": _read_range,
    b"/": _read_slice,
    b"A": lambda reader, depth: reader.array(),
    b"G": _read_scalar,
    b"O": _read_objects,
    b"Y": lambda reader, depth: reader.dtype(*ARRAY_KINDS, "O"),
    b"T": lambda reader, depth: reader.tensor(),
    b"K": _read_torch_name,
    b"D": _read_device,
    b"Z": _read_torch_sparse,
    b"J": _read_sparse,
    b"P": _read_pandas,
    b"F": _read_function,
}
