"""Writes a value as bytes: see `mlkata.wire`."""

from __future__ import annotations

import math
import struct
import sys
from collections.abc import Callable, Sequence
from typing import Any

from mlkata.errors import WireError

DEEPEST = 50
ARRAY_KINDS = tuple("biufcSUmM")
TENSOR_DTYPES = frozenset(
    [
        *("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64"),
        *("complex64", "complex128"),
    ]
)
TENSOR_DEVICES = ("cpu", "cuda")
SPARSE_TYPES = frozenset(f"{form}_{kind}" for form in ("coo", "csr", "csc") for kind in ("matrix", "array"))

_SIZE = struct.Struct("<Q")
_STRIDE = struct.Struct("<q")
_FLOAT = struct.Struct("<d")
_COMPLEX = struct.Struct("<dd")


class Writer:
    def __init__(self, functions: list[Callable[..., Any]] | None) -> None:
        self.out = bytearray()
        self.functions = functions

    def write(self, value: Any, place: str, depth: int) -> None:
        if depth > DEEPEST:
            raise WireError(f"{place} is nested more than {DEEPEST} levels deep")
        kind = type(value)
        writer = _WRITERS.get(kind)
        if writer is not None:
            writer(self, value, place, depth)
        elif (
            (kind.__module__.startswith("numpy") and self._numpy(value, place, depth))
            or (kind.__module__.startswith("torch") and self._torch(value, place))
            or (kind.__module__.startswith("pandas") and self._pandas(value, place, depth))
            or (kind.__module__.startswith("scipy.sparse") and self._sparse(value, place, depth))
        ):
            pass
        elif callable(value) and self.functions is not None and not isinstance(value, type):
            self._function(value)
        else:
            raise WireError(f"{place} is of type {kind.__module__}.{kind.__qualname__}, which is no plain data")

    def size(self, size: int) -> None:
        self.out += _SIZE.pack(size)

    def blob(self, tag: bytes, data: Any) -> None:
        data = memoryview(data)
        self.out += tag
        self.size(data.nbytes)
        self.out += data.cast("B") if data.nbytes else b""

    def text(self, text: str) -> None:
        self.blob(b"", text.encode("utf-8", "surrogatepass"))

    def items(self, tag: bytes, values: Any, place: str, depth: int) -> None:
        self.out += tag
        self.size(len(values))
        for position, item in enumerate(values):
            self.write(item, f"{place}[{position}]", depth + 1)

    def unordered(self, tag: bytes, values: Any, place: str, depth: int) -> None:
        """The same bytes for equal sets, in whatever order they are walked."""
        parts = []
        for item in values:
            part = Writer(self.functions)
            part.write(item, f"an item of {place}", depth + 1)
            parts.append(bytes(part.out))
        self.out += tag
        self.size(len(parts))
        self.out += b"".join(sorted(parts))

    def _function(self, value: Callable[..., Any]) -> None:
        assert self.functions is not None
        self.functions.append(value)
        self.out += b"F"
        self.size(len(self.functions) - 1)

    def _numpy(self, value: Any, place: str, depth: int) -> bool:
        import numpy as np

        if type(value) is np.ndarray:
            self._array(b"A", value, place, depth)
        elif type(value).__module__ == "numpy" and isinstance(value, np.generic):
            self._array(b"G", np.asarray(value), place, depth)
        elif isinstance(value, np.dtype) and value.kind in (*ARRAY_KINDS, "O"):
            self.out += b"Y"
            self.text(value.str)
        else:
            return False
        return True

    def _array(self, tag: bytes, value: Any, place: str, depth: int) -> None:
        import numpy as np

        if value.dtype == object:
            items = value.reshape(-1).tolist()
            self.out += b"O"
            self._shape(value.shape)
            self.items(b"l", items, place, depth + 1)
            return
        if value.dtype.kind not in ARRAY_KINDS:
            raise WireError(f"{place} is an array of dtype {value.dtype}, which is no plain data")
        self.out += tag
        self.text(value.dtype.str)
        self._shape(value.shape)
        self._layout(value.shape, value.strides, value.dtype.itemsize)
        whole = np.ascontiguousarray(value)
        self.blob(b"", whole.reshape(-1).view(np.uint8) if whole.size else b"")

    def _shape(self, shape: tuple[int, ...]) -> None:
        self.out.append(len(shape))
        for length in shape:
            self.size(length)

    def _layout(self, shape: Sequence[int], strides: Sequence[int], step: int) -> None:
        """The strides, counted in elements, of an array that is not contiguous."""
        whole = [math.prod(shape[place + 1 :]) for place in range(len(shape))]
        counted = [stride // step for stride in strides] if all(stride % step == 0 for stride in strides) else whole
        same = all(one == two for one, two, length in zip(counted, whole, shape, strict=True) if length > 1)
        self.out.append(not same and math.prod(shape) > 0)
        if self.out[-1]:
            for stride in counted:
                self.out += _STRIDE.pack(stride)

    def _torch(self, value: Any, place: str) -> bool:
        torch = sys.modules["torch"]
        name = str(value if type(value) is torch.dtype else getattr(value, "dtype", "")).removeprefix("torch.")
        if type(value) is torch.device:
            self.out += b"D"
            self.text(str(value))
            return True
        if type(value) is torch.dtype and name in TENSOR_DTYPES:
            self.out += b"K"
            self.text(name)
            return True
        if type(value) is torch.Size:
            self.items(b"t", tuple(value), place, 0)
            return True
        if type(value) not in (torch.Tensor, torch.nn.Parameter):
            return False
        if value.layout is not torch.strided:
            return self._torch_sparse(value, place)
        if name not in TENSOR_DTYPES or value.device.type not in TENSOR_DEVICES:
            raise WireError(f"{place} is a tensor of dtype {name} on {value.device.type}, which is no plain data")
        whole = value.detach().cpu().contiguous().resolve_conj().resolve_neg()
        self.out += b"T"
        self.text(name)
        self.text(value.device.type)
        self.out.append(bool(value.requires_grad))
        self._shape(tuple(value.shape))
        self._layout(value.shape, value.stride(), 1)
        self.blob(b"", whole.reshape(-1).view(torch.uint8).numpy() if whole.numel() else b"")
        return True

    def _torch_sparse(self, value: Any, place: str) -> bool:
        torch = sys.modules["torch"]
        if value.layout is not torch.sparse_coo:
            raise WireError(f"{place} is a tensor of layout {value.layout}; dense and sparse_coo may cross")
        whole = value.detach().coalesce()
        self.out += b"Z"
        self._torch(whole.indices(), place)
        self._torch(whole.values(), place)
        self._shape(tuple(value.shape))
        return True

    def _sparse(self, value: Any, place: str, depth: int) -> bool:
        name = type(value).__name__
        if name not in SPARSE_TYPES or len(value.shape) != 2:
            return False
        places = (value.row, value.col) if name.startswith("coo") else (value.indices, value.indptr)
        self.out += b"J"
        self.text(name)
        self.items(b"t", (tuple(int(length) for length in value.shape), value.data, *places), place, depth)
        return True

    def _pandas(self, value: Any, place: str, depth: int) -> bool:
        from mlkata import wire_pandas

        parts = wire_pandas.take_apart(value)
        if parts is None:
            return False
        self.out += b"P"
        self.items(b"t", parts, place, depth)
        return True


def _write_int(writer: Writer, value: int, place: str, depth: int) -> None:
    writer.blob(b"i", value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True))


def _write_float(writer: Writer, value: float, place: str, depth: int) -> None:
    writer.out += b"f" + _FLOAT.pack(value)


def _write_complex(writer: Writer, value: complex, place: str, depth: int) -> None:
    writer.out += b"c" + _COMPLEX.pack(value.real, value.imag)


def _write_str(writer: Writer, value: str, place: str, depth: int) -> None:
    writer.blob(b"s", value.encode("utf-8", "surrogatepass"))


def _write_dict(writer: Writer, value: dict[Any, Any], place: str, depth: int) -> None:
    writer.out += b"d"
    writer.size(len(value))
    for key, item in value.items():
        writer.write(key, f"a key of {place}", depth + 1)
        label = f"{place}[{key!r:.40}]" if type(key) is str else f"an item of {place}"
        writer.write(item, label, depth + 1)


def _write_singleton(writer: Writer, value: Any, place: str, depth: int) -> None:
    writer.out += _SINGLETON_TAGS[value]


_SINGLETON_TAGS: dict[Any, bytes] = {None: b"N", True: b"+", False: b"-", ...: b"."}
_WRITERS: dict[type, Callable[[Writer, Any, str, int], None]] = {
    type(None): _write_singleton,
    bool: _write_singleton,
    type(...): _write_singleton,
    int: _write_int,
    float: _write_float,
    complex: _write_complex,
    str: _write_str,
    bytes: lambda writer, value, place, depth: writer.blob(b"b", value),
    bytearray: lambda writer, value, place, depth: writer.blob(b"b", value),
    list: lambda writer, value, place, depth: writer.items(b"l", value, place, depth),
    tuple: lambda writer, value, place, depth: writer.items(b"t", value, place, depth),
    set: lambda writer, value, place, depth: writer.unordered(b"e", value, place, depth),
    frozenset: lambda writer, value, place, depth: writer.unordered(b"z", value, place, depth),
    range: lambda writer, value, place, depth: writer.items(b"r", (value.start, value.stop, value.step), place, depth),
    slice: lambda writer, value, place, depth: writer.items(b"/", (value.start, value.stop, value.step), place, depth),
    dict: _write_dict,
}
