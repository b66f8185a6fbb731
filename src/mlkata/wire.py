"""Frames and the closed list of values that may stand in them.

A frame is eight bytes of length and that many bytes of one encoded value. A value is a tag byte and what the tag
calls for; numbers are little-endian. Exact types only: a subclass of an allowed type is refused by name, so nothing
that arrives can bring behaviour along. Nothing is ever unpickled, and every size is held against the bytes that are
there before anything of that size is made.

Towards a worker functions of the grader travel too, as numbers under which the worker asks for a call.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, Protocol

from mlkata.errors import FrameTooLarge, WireError
from mlkata.wire_decode import Reader
from mlkata.wire_encode import Writer

LARGEST_FRAME = 4 << 30

_HEAD = struct.Struct("<Q")
_CREDIBLE = 1 << 40  # a larger size is something else that was read as a size: eight letters are at least 2**61


class Channel(Protocol):
    """What frames go through: a connected stream socket, or anything that behaves like one."""

    def sendall(self, data: Any, /) -> None: ...

    def recv_into(self, buffer: memoryview, /) -> int: ...


def encode(value: Any, functions: list[Callable[..., Any]] | None = None) -> bytearray:
    """The bytes of a value; callables are collected in `functions` where that list is given, else refused.

    Raises
    ------
    WireError
        A value of another type stands in it; the message names the type and the place.
    """
    writer = Writer(functions)
    writer.write(value, "the value", 0)
    return writer.out


def decode(
    data: bytes | bytearray | memoryview,
    functions: Callable[[int], Callable[..., Any]] | None = None,
    *,
    layouts: bool = False,
) -> Any:
    """The value that `encode` wrote.

    Parameters
    ----------
    data : bytes-like
    functions : callable, optional
        Makes the stand-in for a function's number; without it, functions are refused.
    layouts : bool
        Lay arrays and tensors out as the sender's (transposed, strided, broadcast) instead of contiguously. That may
        take more memory than the bytes have, so it is for bytes that are trusted.

    Raises
    ------
    WireError
        The bytes are no value, end early, go on after the value, or nest too deep.
    """
    reader = Reader(memoryview(data).toreadonly(), functions, layouts)
    try:
        value = reader.read(0)
    except WireError:
        raise
    except Exception as error:  # numpy, pandas and torch refuse bad parts with whatever they like, OSError included
        raise WireError(f"the bytes that arrived are no value: {error}") from None
    if reader.left:
        raise WireError(f"{reader.left} bytes stand behind the value")
    return value


def send(channel: Channel, value: Any) -> None:
    """Encode a value and write it as one frame."""
    send_body(channel, encode(value))


def send_body(channel: Channel, body: bytes | bytearray) -> None:
    """Write an encoded value as one frame."""
    channel.sendall(_HEAD.pack(len(body)))
    channel.sendall(body)


def receive(channel: Channel, *, largest: int = LARGEST_FRAME) -> Any:
    """Read one frame and decode its value.

    Raises
    ------
    EOFError
        The other side closed the channel.
    FrameTooLarge
        The frame is larger than `largest` bytes.
    WireError
        What it holds is no value.
    """
    return decode(receive_body(channel, largest=largest))


def receive_body(channel: Channel, *, largest: int = LARGEST_FRAME) -> bytearray:
    """Read one frame and leave its value encoded."""
    (size,) = _HEAD.unpack(_read(channel, _HEAD.size))
    if size > _CREDIBLE:
        raise WireError(f"no frame has {size} bytes")
    if size > largest:
        raise FrameTooLarge(size, largest)
    return _read(channel, size)


def _read(channel: Channel, size: int) -> bytearray:
    buffer = bytearray(min(size, 1 << 20))
    filled = 0
    while filled < size:
        if filled == len(buffer):
            buffer.extend(bytes(min(size - filled, len(buffer))))
        count = channel.recv_into(memoryview(buffer)[filled:])
        if not count:
            raise EOFError("the other side closed the channel")
        filled += count
    return buffer
