"""Bytes that nobody believes give a value or a WireError, and never take much more memory than they have."""

from __future__ import annotations

import random
import struct
import tracemalloc

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse

from mlkata.errors import WireError
from mlkata.wire import decode, encode
from mlkata.wire_encode import DEEPEST, Writer

SIZE = struct.Struct("<Q")

VALUES = {
    "numbers": [None, True, 3, -(2**70), 0.5, 1j, ..., range(3), slice(1, None)],
    "text": {"key": "text", ("a", 1): b"bytes", frozenset([1]): {1, 2}},
    "array": np.arange(6.0).reshape(2, 3).T,
    "reversed": np.arange(5)[::-1],
    "booleans": np.array([True, False]),
    "strings": np.array(["ab", "c"]),
    "moments": np.array(["2020-01-01"], dtype="M8[D]"),
    "objects": np.array([None, [1], "a"], dtype=object),
    "scalar": [np.float32(1.5), np.dtype("f4"), np.str_("a")],
    "tensor": torch.arange(6, dtype=torch.float32).reshape(2, 3).t().requires_grad_(),
    "bfloat16": torch.ones(3, dtype=torch.bfloat16),
    "torch": [torch.float32, torch.device("cpu"), torch.Size([1, 2])],
    "sparse tensor": torch.eye(3).to_sparse(),
    "csr": sparse.csr_matrix(np.eye(3)),
    "coo": sparse.coo_array(np.eye(3)),
    "series": pd.Series([1, None], dtype="Int64", index=["a", "b"], name="n"),
    "frame": pd.DataFrame({"a": [0.5, 1.5], "b": ["x", None], "c": pd.Categorical(["u", "v"])}),
    "zone": pd.Series(pd.to_datetime(["2020-01-01"]).tz_localize("Europe/Paris")),
    "levels": pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["x", "y"]),
    "moment": [pd.Timestamp("2020-01-01", tz="UTC"), pd.NA, pd.Timedelta("1h")],
}


def refused(data, why="."):
    with pytest.raises(WireError, match=why):
        decode(bytes(data))


def text(value):
    return SIZE.pack(len(value)) + value.encode()


def array_frame(dtype, shape, data, tag=b"A"):
    """An array as the encoder would write it, with parts that need not fit."""
    return (
        tag + text(dtype) + bytes([len(shape)]) + b"".join(map(SIZE.pack, shape)) + b"\0" + SIZE.pack(len(data)) + data
    )


def tensor_frame(dtype, shape, data, device="cpu", requires_grad=0):
    head = b"T" + text(dtype) + text(device) + bytes([requires_grad, len(shape)])
    return head + b"".join(map(SIZE.pack, shape)) + b"\0" + SIZE.pack(len(data)) + data


def sparse_frame(name, *parts):
    writer = Writer(None)
    writer.out += b"J"
    writer.text(name)
    writer.items(b"t", parts, "the parts", 0)
    return writer.out


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_frame_that_ends_early_is_refused_wherever_it_ends(value):
    body = encode(value)
    for end in range(len(body)):
        refused(body[:end])


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_bytes_behind_the_value_are_refused(value):
    refused(encode(value) + b"N", "1 bytes stand behind the value")


def mutations(body, others, count, chance):
    """Frames near to a sound one: bytes flipped, sizes made huge, parts cut, doubled, or put in from other frames."""
    for _ in range(count):
        data = bytearray(body)
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(len(data) + 1)
            match chance.randrange(6):
                case 0 if place < len(data):
                    data[place] = chance.randrange(256)
                case 1:
                    size = chance.choice([0, 1, 2**31, 2**40, 2**63, 2**64 - 1, chance.randrange(2**16)])
                    data[place : place + 8] = SIZE.pack(size)
                case 2:
                    del data[place : place + chance.randint(1, 9)]
                case 3:
                    data[place:place] = data[place : place + chance.randint(1, 40)]
                case 4:
                    other = chance.choice(others)
                    start = chance.randrange(len(other))
                    data[place:place] = other[start : start + chance.randint(1, 60)]
                case _:
                    data[place:place] = chance.choice(b"N+.ifcsbltezdr/AGOYTKDZJPF").to_bytes()
        yield bytes(data)


@pytest.mark.filterwarnings("ignore")
def test_mutated_frames_are_values_or_refused_and_take_little_memory():
    bodies = [bytes(encode(value)) for value in VALUES.values()]
    chance = random.Random(0)
    refusals, most = 0, 0.0
    for body in bodies:
        decode(body)
    tracemalloc.start()
    try:
        for body in bodies:
            for data in mutations(body, bodies, -(-100_000 // len(bodies)), chance):
                tracemalloc.reset_peak()
                before = tracemalloc.get_traced_memory()[0]
                try:
                    decode(data)
                except WireError:
                    refusals += 1
                most = max(most, tracemalloc.get_traced_memory()[1] - before - 50 * len(data))
    finally:
        tracemalloc.stop()

    assert refusals > 1000, "the mutations must reach the reader's refusals"
    assert most < 100_000


HUGE = SIZE.pack(2**62)
ANNOUNCED = {
    "text": b"s" + HUGE,
    "bytes": b"b" + HUGE,
    "integer": b"i" + HUGE,
    "list": b"l" + HUGE,
    "tuple": b"t" + HUGE,
    "set": b"e" + HUGE,
    "dict": b"d" + HUGE,
    "array of many rows": array_frame("<f8", (2**40,), b""),
    "array whose size overflows": array_frame("<f8", (2**40, 2**40), b""),
    "array of zero times many": array_frame("<f8", (0, 2**62), b""),
    "array of long text": array_frame("<U1000000000", (1000,), b""),
    "array of objects": b"O\1" + SIZE.pack(2**40) + b"l" + SIZE.pack(0),
    "tensor of many rows": tensor_frame("float32", (2**40,), b""),
    "tensor of zero times many": tensor_frame("float32", (0, 2**62, 2**62), b""),
    "csr of many rows": sparse_frame("csr_matrix", (2**44, 1), np.zeros(0), np.zeros(0, "i4"), np.zeros(0, "i4")),
    "csc of many columns": sparse_frame("csc_array", (1, 2**30), np.zeros(0), np.zeros(0, "i4"), np.zeros(1, "i4")),
}


@pytest.mark.parametrize("data", ANNOUNCED.values(), ids=ANNOUNCED)
def test_announced_size_beyond_the_bytes_is_refused_before_it_is_taken(data):
    tracemalloc.start()
    try:
        refused(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 1 << 20


MADE_UP = {
    "nothing": b"",
    "unknown tag": b"?",
    "text that is no UTF-8": b"s" + SIZE.pack(1) + b"\xff",
    "list as a key": b"d" + SIZE.pack(1) + encode([]) + b"N",
    "list in a set": b"e" + SIZE.pack(1) + encode([]),
    "range of text": b"r" + SIZE.pack(3) + encode("a") * 3,
    "range without a step": b"r" + SIZE.pack(3) + encode(0) * 3,
    "slice of two parts": b"/" + SIZE.pack(2) + b"NN",
    "33 dimensions": array_frame("<f8", (1,) * 33, bytes(8)),
    "array of objects as bytes": array_frame("|O", (1,), bytes(8)),
    "structured array": array_frame("<f8,i4", (1,), bytes(12)),
    "structured array with objects": array_frame("<f8,O", (1,), bytes(16)),
    "empty structured array with objects": array_frame("<f8,O", (0,), b""),
    "array of arrays": array_frame("<f8,(9,9)f8", (0,), b""),
    "raw array": array_frame("|V8", (1,), bytes(8)),
    "dtype of no type": array_frame("<q?", (1,), bytes(8)),
    "bytes that do not fit": array_frame("<f8", (2,), bytes(15)),
    "text of no length": array_frame("<U0", (5,), b""),
    "scalar with an axis": array_frame("<f8", (1,), bytes(8), tag=b"G"),
    "objects that do not fit": b"O\1" + SIZE.pack(2) + encode([1]),
    "objects that are no list": b"O\1" + SIZE.pack(2) + encode((1, 2)),
    "structured dtype": b"Y" + text("<f8,O"),
    "raw dtype": b"Y" + text("|V8"),
    "tensor of another dtype": tensor_frame("uint16", (1,), bytes(2)),
    "tensor of no dtype": tensor_frame("nn", (1,), bytes(2)),
    "tensor on another device": tensor_frame("float32", (1,), bytes(4), device="meta"),
    "integer tensor that requires grad": tensor_frame("int64", (1,), bytes(8), requires_grad=1),
    "tensor bytes that do not fit": tensor_frame("float32", (2,), bytes(7)),
    "tensor of numbers that are not there": tensor_frame("float32", (5,), b""),
    "torch name that is no dtype": b"K" + text("load"),
    "no such device": b"D" + text("toaster"),
    "sparse tensor of lists": b"Z" + encode([1]) + encode([2]) + b"\0",
    "sparse tensor beyond its shape": b"Z" + encode(torch.tensor([[5]])) + encode(torch.ones(1)) + b"\1" + SIZE.pack(3),
    "sparse matrix of another type": sparse_frame("lil_matrix", (1, 1), np.zeros(0), np.zeros(0), np.zeros(2)),
    "sparse name that is no type": sparse_frame("csgraph", (1, 1), np.zeros(0), np.zeros(0, "i4"), np.zeros(0, "i4")),
    "csr beyond its columns": sparse_frame("csr_matrix", (1, 2), np.ones(1), np.array([7]), np.array([0, 1])),
    "csr that runs backwards": sparse_frame("csr_matrix", (2, 2), np.ones(1), np.array([0]), np.array([0, 9, 1])),
    "coo beyond its rows": sparse_frame("coo_matrix", (2, 2), np.ones(1), np.array([5]), np.array([0])),
    "coo below its rows": sparse_frame("coo_array", (2, 2), np.ones(1), np.array([-1]), np.array([0])),
}


@pytest.mark.parametrize("data", MADE_UP.values(), ids=MADE_UP)
def test_made_up_bytes_are_refused(data):
    refused(data)


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without CUDA")
def test_tensor_for_a_device_that_is_not_here_is_refused():
    refused(tensor_frame("float32", (1,), bytes(4), device="cuda"))


def test_function_is_refused_unless_stand_ins_can_be_made():
    refused(b"F" + SIZE.pack(0), "a function may not come from this side")


OPENINGS = {
    "list": b"l" + SIZE.pack(1),
    "tuple": b"t" + SIZE.pack(1),
    "frozenset": b"z" + SIZE.pack(1),
    "dict": b"d" + SIZE.pack(1) + b"N",
    "objects": b"O\0l" + SIZE.pack(1),
    "pandas": b"Pt" + SIZE.pack(1),
    "slice": b"/" + SIZE.pack(3),
}


@pytest.mark.parametrize("opening", OPENINGS.values(), ids=OPENINGS)
def test_nesting_is_bounded(opening):
    refused(opening * 20_000 + b"N", f"nested more than {DEEPEST} levels")


def test_layouts_are_not_believed_unless_they_are_asked_for():
    """A broadcast array's strides would let few bytes stand for a large memory, and negative ones lead before it."""
    body = bytearray(encode(np.arange(3)[::-1]))
    place = body.index(struct.pack("<q", -1))
    body[place : place + 8] = struct.pack("<q", 2**40)

    assert decode(body).tolist() == [2, 1, 0]
    assert decode(body).strides == (8,)
