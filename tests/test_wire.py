"""What is sent arrives as it was: every allowed type, to the bit; and a frame is read within its own size."""

from __future__ import annotations

import socket
import struct
import tracemalloc

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from scipy import sparse

from mlkata.errors import WireError
from mlkata.wire import decode, encode, receive, receive_body, send

FEW = settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))

DTYPES = (
    *("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "g", "c8", "c16"),
    *(">i4", ">f8", "S3", "U2", ">U2", "M8[ns]", "M8[D]", "M8[us]", "m8[s]", "m8[ns]"),
)
TENSOR_DTYPES = (
    *(torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.bfloat16),
    *(torch.float32, torch.float64, torch.complex64, torch.complex128),
)


def arrived(value, **options):
    return decode(bytes(encode(value)), **options)


def same(one, other):
    """Whether two values are the same in type and to the bit, and order of a dict included."""
    if type(one) is not type(other):
        return False
    if isinstance(one, (float, complex)) and not isinstance(one, np.generic):
        parts = [(value.real, value.imag) for value in (one, other)]
        return struct.pack("<dd", *parts[0]) == struct.pack("<dd", *parts[1])
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return same(list(one.items()), list(other.items()))
    if isinstance(one, (set, frozenset)):
        return same(sorted(one, key=repr), sorted(other, key=repr))
    if isinstance(one, slice):
        return same((one.start, one.stop, one.step), (other.start, other.stop, other.step))
    if isinstance(one, torch.Tensor):
        alike = (one.dtype, one.shape, one.requires_grad) == (other.dtype, other.shape, other.requires_grad)
        return alike and same(raw(one), raw(other))
    if isinstance(one, (np.ndarray, np.generic)):
        if (one.dtype, one.shape) != (other.dtype, other.shape):
            return False
        if one.dtype == np.longdouble:  # whose bytes beyond the number itself are anything
            return np.array_equal(one, other, equal_nan=True) and np.array_equal(np.signbit(one), np.signbit(other))
        return same(one.tolist(), other.tolist()) if one.dtype == object else one.tobytes() == other.tobytes()
    return one == other


def raw(tensor):
    """The bytes of a tensor's values, in order."""
    flat = tensor.detach().resolve_conj().resolve_neg().contiguous().reshape(-1)
    return flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b""


def scalars():
    """Values without parts; text may hold lone surrogates, and integers any number of digits."""
    numbers = st.one_of(st.integers(), st.integers(-(2**300), 2**300), st.floats(), st.complex_numbers())
    text = st.text(st.characters(exclude_categories=()), max_size=8)
    ranges = st.builds(range, st.integers(), st.integers(), st.integers(1, 2**70))
    numpy_scalars = st.sampled_from(DTYPES).flatmap(lambda dtype: hnp.arrays(dtype, ())).map(lambda array: array[()])
    plain = st.sampled_from([None, True, False, ...])
    return st.one_of(plain, numbers, text, st.binary(max_size=8), ranges, numpy_scalars)


def containers(parts):
    keys = st.one_of(
        st.none(), st.booleans(), st.integers(), st.text(max_size=4), st.tuples(st.integers(), st.floats())
    )
    bounds = st.one_of(st.none(), st.integers())
    return st.one_of(
        st.lists(parts, max_size=4),
        st.lists(parts, max_size=4).map(tuple),
        st.dictionaries(keys, parts, max_size=4),
        st.sets(keys, max_size=4),
        st.frozensets(keys, max_size=4),
        st.builds(slice, bounds, bounds, bounds),
    )


def object_arrays(parts):
    def fill(shape, items):
        array = np.empty(shape, dtype=object)
        for index, item in zip(np.ndindex(shape), items, strict=False):
            array[index] = item
        return array

    return st.builds(fill, hnp.array_shapes(min_dims=0, min_side=0, max_dims=2), st.lists(parts, max_size=6))


@FEW
@given(st.recursive(scalars(), lambda parts: st.one_of(containers(parts), object_arrays(parts)), max_leaves=12))
def test_plain_value_arrives_as_it_was(value):
    assert same(arrived(value), value)


@pytest.mark.parametrize(
    "number", [0, -1, 127, 128, -128, 2**63, -(2**63), 2**64, 10**5000, -(10**5000)], ids=lambda n: f"{n.bit_length()}b"
)
def test_integer_of_any_size_arrives(number):
    assert arrived(number) == number


@pytest.mark.parametrize("number", [-0.0, float("nan"), -float("inf"), 5e-324, complex(-0.0, float("nan"))])
def test_number_arrives_to_the_bit(number):
    assert same(arrived(number), number)


def test_bool_and_int_stay_apart():
    assert [type(item) for item in arrived([True, 1, np.True_, np.int8(1), 1.0])] == [
        *(bool, int, np.bool, np.int8, float)
    ]


def test_key_of_thousands_of_digits_arrives():
    assert arrived({10**5000: "x"}) == {10**5000: "x"}


def test_bytearray_arrives_as_bytes():
    assert same(arrived(bytearray(b"ab")), b"ab")


def test_equal_sets_make_equal_bytes_in_whatever_order_they_are_walked():
    grown = set(range(100))
    grown -= set(range(100)) - {1, 8, 9}
    assert list(grown) != list({8, 1, 9}), "the sets must differ in order for this to show anything"

    assert encode(grown) == encode({8, 1, 9})
    assert encode(frozenset(grown)) == encode(frozenset({8, 1, 9}))


@pytest.mark.parametrize("dtype", DTYPES)
@settings(FEW, max_examples=8)
@given(data=st.data())
def test_array_of_every_dtype_arrives(dtype, data):
    array = data.draw(hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)))

    assert same(arrived(array), array)
    assert arrived(array).flags.writeable


@pytest.mark.parametrize("dtype", [*DTYPES, "O"])
def test_dtype_itself_arrives(dtype):
    assert same(arrived(np.dtype(dtype)), np.dtype(dtype))


GRID = np.arange(24.0).reshape(2, 3, 4)
LAYOUTS = {
    "transposed": GRID.T,
    "swapped": GRID.swapaxes(0, 1),
    "reversed": GRID[:, ::-1],
    "all reversed": GRID[::-1, ::-1, ::-1],
    "every other": GRID[..., ::2],
    "column": GRID[:, 1:2, 0],
    "broadcast": np.broadcast_to(np.arange(3.0), (4, 3)),
    "broadcast and reversed": np.broadcast_to(np.arange(3)[::-1], (2, 3)),
    "Fortran order": np.asfortranarray(GRID),
    "strings": np.array([["a", "bc"], ["def", ""]]).T,
    "bytes of a complex": np.arange(3, dtype="c16").real,
}


@pytest.mark.parametrize("array", LAYOUTS.values(), ids=LAYOUTS)
def test_layout_of_an_array_is_kept_where_it_is_asked_for(array):
    found = arrived(array, layouts=True)

    assert same(found, array)
    assert found.strides == array.strides


@pytest.mark.parametrize("array", LAYOUTS.values(), ids=LAYOUTS)
def test_array_is_contiguous_where_layouts_are_not_asked_for(array):
    found = arrived(array)

    assert same(found, array)
    assert found.flags.c_contiguous
    assert found.flags.writeable


def test_broadcast_array_takes_no_more_memory_than_its_source():
    base = arrived(np.broadcast_to(np.arange(3.0), (1000, 3)), layouts=True).base
    while base.base is not None:
        base = base.base

    assert base.nbytes == 3 * 8


def test_array_without_values_keeps_its_shape():
    for array in (np.zeros((0, 3)), np.zeros((2, 0), "U3"), np.zeros((0, 2)).T, np.empty((0, 3), object)):
        assert same(arrived(array, layouts=True), array)


def test_array_of_objects_keeps_arrays_and_lists_apart_from_axes():
    array = np.empty(2, dtype=object)
    array[:] = [np.zeros(3), np.ones(3)]
    lists = np.empty(1, dtype=object)
    lists[0] = [1, 2]

    assert arrived(array).shape == (2,)
    assert same(arrived(array)[1], np.ones(3))
    assert same(arrived(lists), lists)


@pytest.mark.parametrize("dtype", TENSOR_DTYPES, ids=str)
@pytest.mark.parametrize("shape", [(), (0,), (2, 3), (2, 0)])
def test_tensor_of_every_dtype_arrives(dtype, shape):
    tensor = (100 * torch.rand(shape, generator=torch.Generator().manual_seed(0))).to(dtype)

    assert same(arrived(tensor), tensor)
    assert arrived(tensor.dtype) is dtype


@pytest.mark.parametrize(
    "tensor",
    [
        *(torch.arange(6).reshape(2, 3).t(), torch.arange(10)[1::2], torch.arange(3.0).expand(4, 3)),
        *(torch.ones(2, 3, 4, 5).to(memory_format=torch.channels_last), torch.zeros(0, 3).t()),
    ],
    ids=["transposed", "strided", "expanded", "channels last", "empty"],
)
def test_layout_of_a_tensor_is_kept_where_it_is_asked_for(tensor):
    found = arrived(tensor, layouts=True)

    assert same(found, tensor)
    assert found.stride() == tensor.stride() or not tensor.numel()
    assert same(arrived(tensor), tensor)
    assert arrived(tensor).is_contiguous()


def test_tensor_keeps_whether_it_requires_grad_and_is_a_leaf():
    found = arrived(2 * torch.ones(2, requires_grad=True))

    assert found.requires_grad
    assert found.is_leaf
    assert not arrived(torch.ones(2)).requires_grad


def test_conjugate_and_negative_views_arrive_as_their_values():
    tensor = torch.tensor([1 + 2j, 3 - 1j])

    assert torch.equal(arrived(tensor.conj()), tensor.conj().resolve_conj())
    assert torch.equal(arrived(tensor.conj().imag), torch.tensor([-2.0, 1.0]))


def test_nan_and_negative_zero_of_a_tensor_arrive():
    tensor = torch.tensor([float("nan"), -0.0, float("inf")], dtype=torch.bfloat16)

    assert same(arrived(tensor), tensor)


def test_parameter_arrives_as_a_tensor():
    found = arrived(torch.nn.Parameter(torch.ones(2)))

    assert type(found) is torch.Tensor
    assert found.requires_grad


def test_device_and_size_arrive():
    assert arrived(torch.device("cuda:1")) == torch.device("cuda:1")
    assert arrived(torch.zeros(2, 3).shape) == (2, 3)


def test_sparse_tensor_arrives():
    dense = torch.tensor([[0.0, 2.0, 0.0], [3.0, 0.0, 0.0]])
    found = arrived(dense.to_sparse())

    assert found.layout is torch.sparse_coo
    assert torch.equal(found.to_dense(), dense)


@pytest.mark.parametrize("name", [f"{form}_{kind}" for form in ("coo", "csr", "csc") for kind in ("matrix", "array")])
@pytest.mark.parametrize("dtype", [np.float32, np.int64, np.bool])
def test_sparse_matrix_arrives(name, dtype):
    dense = np.array([[0, 1, 0, 1], [0, 0, 0, 0], [1, 1, 0, 0]], dtype)
    found = arrived(getattr(sparse, name)(dense))

    assert type(found).__name__ == name
    assert same(found.toarray(), dense)


def test_stored_zeros_and_doubles_of_a_sparse_matrix_arrive():
    matrix = sparse.csr_matrix((np.array([0.0, 1.0, 2.0]), np.array([1, 0, 0]), np.array([0, 1, 3])), shape=(2, 2))
    found = arrived(matrix)

    assert found.nnz == 3
    assert found.toarray().tolist() == [[0.0, 0.0], [3.0, 0.0]]


def test_what_arrives_shares_no_memory_with_the_bytes_or_the_value():
    array, tensor = np.zeros(3), torch.zeros(3)
    body = encode([array, tensor])
    found = decode(body)
    found[0][:] = 1
    found[1][:] = 1

    assert array.sum() == 0
    assert tensor.sum() == 0
    assert same(decode(body), [array, tensor])


def test_function_is_replaced_by_what_its_number_stands_for():
    functions = []
    body = encode({"first": len, "again": [len, max]}, functions)

    assert functions == [len, len, max]
    assert decode(body, lambda number: f"number {number}") == {"first": "number 0", "again": ["number 1", "number 2"]}


class Pipe:
    """A channel in memory that gives a few bytes at a time, as a slow network does."""

    def __init__(self, data=b"", *, at_most=7):
        self.data = bytearray(data)
        self.at_most = at_most

    def sendall(self, data):
        self.data += data

    def recv_into(self, buffer):
        part = self.data[: min(len(buffer), self.at_most)]
        buffer[: len(part)] = part
        del self.data[: len(part)]
        return len(part)


def test_frames_are_read_one_after_the_other():
    pipe = Pipe()
    for value in ("first", np.arange(5), None):
        send(pipe, value)

    assert receive(pipe) == "first"
    assert same(receive(pipe), np.arange(5))
    assert receive(pipe) is None
    assert not pipe.data


@pytest.mark.parametrize("size", [(1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5_000_001])
def test_large_frame_is_read_whole(size):
    body = np.random.default_rng(0).bytes(size)

    assert receive_body(Pipe(struct.pack("<Q", size) + body, at_most=300_000)) == body


def test_frames_go_through_a_socket():
    mine, theirs = socket.socketpair()
    with mine, theirs:
        send(mine, {"x": np.arange(3)})
        found = receive(theirs)

    assert same(found["x"], np.arange(3))


def test_closed_channel_is_end_of_file():
    with pytest.raises(EOFError, match="closed the channel"):
        receive(Pipe())


@pytest.mark.parametrize("missing", [1, 5, 20])
def test_frame_that_ends_early_is_end_of_file(missing):
    pipe = Pipe()
    send(pipe, "some text of a few bytes")
    del pipe.data[-missing:]

    with pytest.raises(EOFError):
        receive(pipe)


def test_frame_over_the_limit_is_refused_before_it_is_read():
    pipe = Pipe(struct.pack("<Q", 101) + bytes(101))

    with pytest.raises(WireError, match="a frame of 101 bytes arrived, 100 are allowed"):
        receive(pipe, largest=100)
    assert len(pipe.data) == 101


def test_frame_at_the_limit_is_read():
    assert receive_body(Pipe(struct.pack("<Q", 100) + bytes(100)), largest=100) == bytes(100)


def test_announced_size_takes_no_memory_before_the_bytes_are_there():
    tracemalloc.start()
    try:
        with pytest.raises(EOFError):
            receive_body(Pipe(struct.pack("<Q", 3 << 30) + bytes(1000)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 4 << 20
