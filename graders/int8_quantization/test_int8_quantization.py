"""Hidden checks of int8_quantization."""

import math

import pytest
import torch

from mlkata.compare import assert_close, assert_dtype, assert_equal, assert_shape, assert_true, raises

WAIVED = {"clears_nan:quantize": "infinity and the largest float saturate alike, and NaN is never given"}


def scale_by_hand(values):
    lo, hi = min(0.0, *values), max(0.0, *values)
    return (hi / 255 - lo / 255) or 1.0


def steps_by_hand(x, scale, zero_point):
    """One value: int8 by the formula, or None where the quotient is so near a tie that either neighbour will do."""
    quotient = x / scale
    if abs(abs(quotient % 1.0) - 0.5) < 1e-3:
        return None
    return max(-128, min(127, round(quotient) + zero_point))


def int32(values):
    return torch.tensor(values, dtype=torch.int32)


def channels(x, axis):
    """The values of each channel as a list of floats."""
    return x.double().movedim(axis, 0).reshape(x.shape[axis], -1).tolist()


def assert_params(found, rows, per_channel=False):
    """Scale and zero point are those of the formulas, for each row of values."""
    scale, zero_point = found
    shape = (len(rows),) if per_channel else ()
    for part, dtype, what in ((scale, torch.float32, "the scale"), (zero_point, torch.int32, "the zero point")):
        assert_shape(part, shape, what=what)
        assert_dtype(part, dtype, what=what)
    expected = [scale_by_hand(row) for row in rows]
    assert_close(scale.reshape(-1), expected, rtol=1e-5, atol=0.0, what="the scale")
    exact = [-128 - min(0.0, *row) / size for row, size in zip(rows, expected, strict=True)]
    # To the nearest integer; where that is a near tie, both neighbours are right.
    nearest = [round(value) for value in exact]
    pairs = zip(zero_point.reshape(-1).tolist(), exact, nearest, strict=True)
    settled = [found if abs(found - value) < 0.501 else best for found, value, best in pairs]
    assert_equal(zero_point.reshape(-1), torch.tensor(settled), what="the zero point")


def assert_quantized(q, x, scales, zero_points, what="the tensor of int8 values", hint=""):
    """Values are those of the formula, near ties left out."""
    assert_dtype(q, torch.int8, what=what)
    assert_shape(q, x.shape, what=what)
    triples = zip(x.double().reshape(-1).tolist(), scales, zero_points, strict=True)
    expected = [steps_by_hand(*triple) for triple in triples]
    found = q.reshape(-1).tolist()
    settled = [one if best is None else best for one, best in zip(found, expected, strict=True)]
    assert_equal(q, torch.tensor(settled).reshape(x.shape), what=what, hint=hint)


def draw(torch_rng, *shape, centre=0.0):
    return 3 * torch.randn(*shape, generator=torch_rng) + centre


@pytest.mark.correctness("Range", "Scale", "Zero point")
@pytest.mark.parametrize("centre", [0.0, 2.0, -4.0])
def test_params_of_a_tensor(submission, torch_rng, centre):
    """Scale and zero point spread the range of the tensor over the 256 integers."""
    x = draw(torch_rng, 5, 7, centre=centre)
    assert_params(submission.quantization_params(x), [x.double().reshape(-1).tolist()])


@pytest.mark.correctness("Channels", "Range", "Scale")
@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2])
def test_params_of_channels(submission, torch_rng, axis):
    """Each index along the axis has a scale and a zero point of its own."""
    x = draw(torch_rng, 2, 3, 4)
    x = x * torch.tensor([1.0, 50.0])[:, None, None] * torch.tensor([0.1, 1.0, 7.0])[:, None]
    x[..., 1] += 30.0
    assert_params(submission.quantization_params(x, axis=axis), channels(x, axis), per_channel=True)
    # One channel alone, and channels of one value.
    for part in (x.narrow(axis, 1, 1), x.movedim(axis, 0)[:, 0, 0]):
        at = axis if part.dim() == 3 else 0
        assert_params(submission.quantization_params(part, axis=at), channels(part, at), per_channel=True)


@pytest.mark.correctness("Quantize", "Saturation")
def test_values_of_a_tensor(submission, torch_rng):
    """Quantizing divides, rounds, adds the zero point, and cuts off at both ends."""
    x = draw(torch_rng, 6, 9)
    for scale, zero_point in ((0.04, -17), (0.02, 60), (0.3, 0)):
        size = torch.tensor(scale)
        q = submission.quantize(x, size, int32(zero_point))
        assert_quantized(q, x, [float(size)] * x.numel(), [zero_point] * x.numel())


@pytest.mark.correctness("Channels", "Quantize")
@pytest.mark.parametrize("axis", [0, 1, -1, -3])
def test_values_of_channels(submission, torch_rng, axis):
    """Every channel is quantized with its own scale and zero point, along any axis."""
    x = draw(torch_rng, 3, 3, 3)
    scale, zero_point = torch.tensor([0.03, 0.11, 0.5]), [-100, 7, 64]
    q = submission.quantize(x, scale, int32(zero_point), axis=axis)
    shape = [1, 1, 1]
    shape[axis] = 3
    scales = scale.double().reshape(shape).expand(3, 3, 3).reshape(-1).tolist()
    zero_points = int32(zero_point).reshape(shape).expand(3, 3, 3).reshape(-1).tolist()
    assert_quantized(q, x, scales, zero_points)


@pytest.mark.correctness("Dequantize", "Channels")
def test_back_to_floats(submission):
    """Dequantizing subtracts the zero point, where int8 would overflow too, and multiplies by the scale."""
    q = torch.tensor([[-128, -1, 0], [5, 100, 127]], dtype=torch.int8)
    hint = "the difference of two int8 numbers does not fit into int8"
    for zero_point in (-128, 127, 9):
        found = submission.dequantize(q, torch.tensor(0.25), int32(zero_point))
        expected = [[(value - zero_point) * 0.25 for value in row] for row in q.tolist()]
        assert_close(found, expected, rtol=1e-6, what=f"the tensor of floats with zero_point={zero_point}", hint=hint)
        assert_dtype(found, torch.float32, what="the tensor of floats")
    found = submission.dequantize(q, torch.tensor([0.5, 2.0]), int32([-128, 120]), axis=0)
    expected = [[0.0, 63.5, 64.0], [-230.0, -40.0, 14.0]]
    assert_close(found, expected, rtol=1e-6, what="the tensor of floats with channels along axis 0", hint=hint)
    found = submission.dequantize(q, torch.tensor([1.0, 0.5, 4.0]), int32([-100, 0, 3]), axis=-1)
    expected = [[-28.0, -0.5, -12.0], [105.0, 50.0, 496.0]]
    assert_close(found, expected, rtol=1e-6, what="the tensor of floats with channels along axis -1", hint=hint)


def there_and_back(module, x, axis):
    """scale, zero_point = quantization_params(x); q = quantize(x, ...); and dequantize(q, ...), all with this axis"""
    scale, zero_point = module.quantization_params(x, axis=axis)
    q = module.quantize(x, scale, zero_point, axis=axis)
    return scale, zero_point, q, module.dequantize(q, scale, zero_point, axis=axis)


@pytest.mark.correctness("Error", "Range")
@pytest.mark.parametrize("axis", [None, 0, 1])
@pytest.mark.parametrize("centre", [0.0, 5.0, -20.0])
def test_error_there_and_back(submission, torch_rng, axis, centre):
    """What comes back is off by half a scale at most, 0 by nothing, and all 256 integers are in use."""
    x = draw(torch_rng, 4, 5, centre=centre)
    x[1, 2] = 0.0
    scale, _, q, back = submission.run(there_and_back, x, axis)
    steps = scale.double() if axis is None else scale.double().unsqueeze(1 - axis)
    assert_shape(back, (4, 5), what="what comes back")
    error = ((back.double() - x.double()).abs() / steps).max()
    assert_true(
        error <= 0.5005, "what comes back must be off by half a scale at most", f"it is off by {error:.3f} scales"
    )
    assert_equal(back[1, 2], torch.tensor(0.0), what="what comes back of 0")
    ends = [int(q.min()), int(q.max())]
    assert_true(ends[0] <= -127 and ends[1] >= 126, "the range must fill int8 from end to end", f"found {ends}")


@pytest.mark.edge_case("Ties", "Quantize")
@pytest.mark.parametrize("zero_point", [0, 3, -8])
def test_ties(submission, zero_point):
    """A quotient of exactly one half more goes to the even integer, and only then the zero point is added."""
    quotients = torch.tensor([0.5, 1.5, 2.5, 3.5, -0.5, -1.5, -2.5, -3.5, 20.5, -21.5])
    expected = [value + zero_point for value in (0, 2, 2, 4, 0, -2, -2, -4, 20, -22)]
    hint = "halves round to even, before the zero point is added"
    # The quotients are exact with a scale of 0.75, too, but 1 / 0.75 is not.
    for scale in (0.25, 0.75, 0.375):
        q = submission.quantize(quotients * scale, torch.tensor(scale), int32(zero_point))
        what = f"the tensor of int8 values of ties with scale={scale}"
        assert_equal(q, torch.tensor(expected), what=what, hint=hint)
        assert_dtype(q, torch.int8, what="the tensor of int8 values")


@pytest.mark.edge_case("Saturation")
def test_saturation(submission):
    """Whatever lies outside the range goes to its ends, infinity and the largest floats included."""
    x = torch.tensor([100.0, -100.0, 63.5, 64.0, -64.5, 129.0, 1e30, -1e30, math.inf, -math.inf, 3.0])
    for zero_point, expected in (
        (0, [127, -128, 127, 127, -128, 127, 127, -128, 127, -128, 6]),
        (-128, [72, -128, -1, 0, -128, 127, 127, -128, 127, -128, -122]),
        (127, [127, -73, 127, 127, -2, 127, 127, -128, 127, -128, 127]),
    ):
        q = submission.quantize(x, torch.tensor(0.5), int32(zero_point))
        what = f"the tensor of int8 values with zero_point={zero_point}"
        assert_equal(q, torch.tensor(expected), what=what, hint="cut off before the cast to int8")


@pytest.mark.edge_case("Range", "Zero point")
@pytest.mark.parametrize(("least", "zero_point"), [(5.0, -128), (-6.0, 127)])
def test_range_on_one_side_of_zero(submission, torch_rng, least, zero_point):
    """Where all values lie on one side of 0, the range still begins or ends at 0."""
    x = least + torch.rand(30, generator=torch_rng)
    x[3:5] = torch.tensor([least, least + 1.0])
    scale, found, _, back = submission.run(there_and_back, x, None)
    assert_close(scale, 6 / 255, rtol=1e-5, what="the scale")
    assert_equal(found, torch.tensor(zero_point), what="the zero point", hint="0 belongs to the range")
    assert_close(back, x, rtol=0.0, atol=0.5005 * 6 / 255, what="what comes back")


@pytest.mark.edge_case("Scale", "Error")
def test_constant_tensors(submission):
    """Constant tensors, zeros among them, come back as they were, and so do constant channels."""
    for value, scale, zero_point in ((2.0, 2 / 255, -128), (-3.0, 3 / 255, 127), (0.0, 1.0, -128)):
        x = torch.full((3, 2), value)
        found = submission.run(there_and_back, x, None)
        assert_close(found[0], scale, rtol=1e-5, what=f"the scale of a tensor of {value}")
        assert_equal(found[1], torch.tensor(zero_point), what=f"the zero point of a tensor of {value}")
        assert_close(found[3], x, rtol=1e-5, what=f"what comes back of a tensor of {value}")
    x = torch.tensor([[0.0, 0.0, 0.0], [1.0, -1.0, 4.1], [-7.0, -7.0, -7.0]])
    scale, zero_point, _, back = submission.run(there_and_back, x, 0)
    assert_close(scale, [1.0, 5.1 / 255, 7 / 255], rtol=1e-5, what="the scale of three channels")
    assert_equal(zero_point, torch.tensor([-128, -78, 127]), what="the zero point of three channels")
    assert_close(back, x, rtol=1e-4, atol=0.011, what="what comes back of three channels")
    assert_equal(back[0], torch.zeros(3), what="what comes back of a channel of zeros")


@pytest.mark.edge_case("Scale")
@pytest.mark.parametrize("size", [3e38, 1e-30])
def test_huge_and_tiny_ranges(submission, size):
    """The scale is right where hi - lo is too large for float32, and where all is tiny."""
    x = torch.tensor([-1.0, 0.0, 0.25, 1.0]) * size
    scale, zero_point, _, back = submission.run(there_and_back, x, None)
    assert_close(scale, 2 * (size / 255), rtol=1e-5, atol=0.0, what=f"the scale of values up to {size}")
    assert_true(int(zero_point) in (-1, 0), f"the zero point of values up to {size} must lie in the middle")
    expected = [-1.0, 0.0, 0.25, 1.0]
    assert_close(back.double() / size, expected, rtol=0.0, atol=0.0040, what=f"what comes back, divided by {size}")


@pytest.mark.edge_case("Dtype")
@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_dtypes(submission, torch_rng, dtype):
    """Floats of every dtype give the integers of their exact values."""
    x = draw(torch_rng, 8, 12).to(dtype)
    scale, zero_point = submission.quantization_params(x)
    assert_params((scale, zero_point), [x.double().reshape(-1).tolist()])
    q = submission.quantize(x, scale, zero_point)
    what, hint = f"the tensor of int8 values of a {dtype} tensor", "is the quotient computed in float32 at least?"
    assert_quantized(q, x, [float(scale)] * 96, [int(zero_point)] * 96, what, hint)
    scale, zero_point = submission.quantization_params(x, axis=0)
    assert_params((scale, zero_point), channels(x, 0), per_channel=True)


@pytest.mark.edge_case("Bad input")
def test_bad_and_empty_input(submission):
    """Nothing, NaN and infinity have no range: ValueError. Quantizing nothing gives nothing."""
    for x, when in (
        (torch.zeros(0), "x is empty"),
        (torch.tensor([1.0, math.nan, 2.0]), "x holds NaN"),
        (torch.tensor([[1.0, math.inf], [2.0, 3.0]]), "x holds infinity"),
        (torch.tensor([[1.0, 3.0], [2.0, -math.inf]]), "x holds -infinity"),
        (torch.zeros(3, 0), "x has channels without values"),
        (torch.zeros(0, 3), "x has no channel"),
    ):
        with raises(ValueError, when=when):
            submission.quantization_params(x)
        if x.dim() == 2:
            with raises(ValueError, when=f"{when}, with axis=0"):
                submission.quantization_params(x, axis=0)
    q = submission.quantize(torch.zeros(0, 3), torch.tensor(0.5), int32(1))
    assert_shape(q, (0, 3), what="the tensor of int8 values of an empty tensor")
    back = submission.dequantize(torch.zeros(2, 0, dtype=torch.int8), torch.tensor([0.5, 1.0]), int32([1, 2]), axis=0)
    assert_shape(back, (2, 0), what="the tensor of floats of an empty tensor")


@pytest.mark.edge_case("Arguments")
def test_layouts_and_arguments(submission, torch_rng):
    """Non-contiguous and 0-d tensors give the same, and no argument is written to."""
    x = draw(torch_rng, 4, 6)
    turned = x.T
    scale, zero_point, q, _ = submission.run(there_and_back, turned, 1)
    assert_params((scale, zero_point), channels(turned, 1), per_channel=True)
    scales, zero_points = scale.double().expand(6, 4).reshape(-1), zero_point.expand(6, 4).reshape(-1)
    assert_quantized(q, turned, scales.tolist(), zero_points.tolist())
    number = submission.run(there_and_back, torch.tensor(-5.1), None)
    assert_close(number[3], -5.1, rtol=1e-4, what="what comes back of a 0-d tensor")
    for axis in (None, 0):
        seen = submission.probe(there_and_back).observe(x, axis)
        assert_shape(seen.value[3], (4, 6), what="what comes back")
        seen.assert_unchanged()
    size, zero = torch.tensor(0.5), int32(7)
    seen = submission.quantize.observe(x, size, zero)
    assert_quantized(seen.value, x, [0.5] * 24, [7] * 24)
    seen.assert_unchanged()
    precise = x.double()
    seen = submission.probe(there_and_back).observe(precise, None)
    assert_shape(seen.value[3], (4, 6), what="what comes back")
    seen.assert_unchanged()
    seen = submission.quantize.observe(precise, size, zero)
    assert_quantized(seen.value, precise, [0.5] * 24, [7] * 24)
    seen.assert_unchanged()
    q = torch.tensor([[1, -2], [3, 100], [-128, 6]], dtype=torch.int8).T
    back = submission.dequantize(q, torch.tensor([0.5, 1.0, 2.0]), int32([7, 1, 0]), axis=1)
    assert_close(back, [[-3.0, 2.0, -256.0], [-4.5, 99.0, 12.0]], rtol=1e-6, what="the tensor of floats of turned q")
    seen = submission.dequantize.observe(torch.tensor([1, 2], dtype=torch.int8), size, zero)
    assert_close(seen.value, [-3.0, -2.5], rtol=1e-6, what="the tensor of floats")
    seen.assert_unchanged()
