"""Hidden checks of conv2d."""

import pytest
import torch

from mlkata.compare import assert_close, assert_dtype, assert_shape, assert_true, raises


def expected_of(x, weight, bias=None, **options):
    """torch's own, in double precision."""
    wide = [None if one is None else one.double() for one in (x, weight, bias)]
    return torch.nn.functional.conv2d(*wide, **options)


def draw(torch_rng, x_shape, weight_shape, dtype=torch.float64):
    """Images, kernels and a bias."""
    x, weight = (torch.randn(shape, generator=torch_rng, dtype=torch.float64) for shape in (x_shape, weight_shape))
    bias = torch.randn(weight_shape[0], generator=torch_rng, dtype=torch.float64)
    return x.to(dtype), weight.to(dtype), bias.to(dtype)


@pytest.mark.correctness("Orientation", "Shapes")
def test_values_by_hand(submission):
    """The kernel is laid on the image as it is, neither flipped nor transposed, and channels are added up."""
    x = torch.zeros(1, 2, 4, 5)
    x[0, 0, 1, 3], x[0, 1, 2, 1] = 1.0, 10.0
    weight = torch.arange(1.0, 13.0).reshape(1, 2, 2, 3)
    # A single one shows the kernel turned around its place: output (r, c) meets it with kernel place (1 - r, 3 - c).
    expected = torch.zeros(1, 1, 3, 3)
    for r in range(3):
        for c in range(3):
            for channel, row, col, value in ((0, 1, 3, 1.0), (1, 2, 1, 10.0)):
                a, b = row - r, col - c
                if 0 <= a < 2 and 0 <= b < 3:
                    expected[0, 0, r, c] += value * weight[0, channel, a, b]
    assert_close(submission.conv2d(x, weight), expected, what="the output", hint="the kernel is not flipped")


@pytest.mark.correctness("Shapes", "Orientation", "Arguments")
def test_plain(submission, torch_rng):
    """Several images, channels and kernels without any option; none of them is written to."""
    x, weight, bias = draw(torch_rng, (3, 2, 6, 8), (5, 2, 3, 2))
    assert_close(submission.conv2d(x, weight), expected_of(x, weight), rtol=1e-6, atol=1e-9, what="the output")
    for options in ({}, {"padding": 1, "stride": 2}):
        seen = submission.conv2d.observe(x, weight, bias, **options)
        expected = expected_of(x, weight, bias, **options)
        assert_close(seen.value, expected, rtol=1e-6, atol=1e-9, what="the output with a bias")
        seen.assert_unchanged()


OPTIONS = [
    {"stride": 2},
    {"stride": (1, 3)},
    {"stride": [3, 2]},
    {"padding": 1},
    {"padding": (0, 2)},
    {"padding": [3, 1]},
    {"dilation": 2},
    {"dilation": (3, 1)},
    {"dilation": [1, 2]},
    {"stride": (2, 1), "padding": (1, 2), "dilation": (2, 3)},
    {"stride": (3, 2), "padding": (4, 0), "dilation": (1, 4)},
]


@pytest.mark.correctness("Pairs", "Padding", "Dilation", "Size")
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_options(submission, torch_rng, options):
    """Stride, padding and dilation, each alone and all together, with the height first."""
    x, weight, bias = draw(torch_rng, (2, 2, 8, 11), (3, 2, 2, 3))
    expected = expected_of(
        x, weight, bias, **{name: tuple(v) if isinstance(v, list) else v for name, v in options.items()}
    )
    found = submission.conv2d(x, weight, bias, **options)
    assert_shape(found, tuple(expected.shape), what=f"the output with {options}")
    assert_close(found, expected, rtol=1e-6, atol=1e-9, what=f"the output with {options}")


@pytest.mark.correctness("Groups")
@pytest.mark.parametrize(("c_in", "c_out", "groups"), [(6, 4, 2), (6, 9, 3), (4, 8, 4), (3, 3, 3)])
def test_groups(submission, torch_rng, c_in, c_out, groups):
    """Each group of output channels sees its own run of input channels."""
    x, weight, bias = draw(torch_rng, (2, c_in, 5, 6), (c_out, c_in // groups, 2, 3))
    options = {"groups": groups, "padding": (1, 0), "stride": (1, 2)}
    expected = expected_of(x, weight, bias, **options)
    found = submission.conv2d(x, weight, bias, **options)
    what = f"the output for {c_in} channels in {groups} groups"
    assert_close(found, expected, rtol=1e-6, atol=1e-9, what=what, hint="a group is a run of neighbouring channels")


@pytest.mark.correctness("Gradients")
@pytest.mark.parametrize(
    "options", [{}, {"stride": (2, 1), "padding": (1, 2), "dilation": (1, 2), "groups": 2}], ids=str
)
def test_gradients(submission, torch_rng, options):
    """The gradients of images, kernels and bias are those of torch's own convolution."""
    groups = options.get("groups", 1)
    x, weight, bias = draw(torch_rng, (2, 4, 5, 7), (6, 4 // groups, 3, 2))
    leaves = [one.clone().requires_grad_() for one in (x, weight, bias)]
    expected = torch.nn.functional.conv2d(*leaves, **options)
    upstream = torch.randn(expected.shape, generator=torch_rng, dtype=torch.float64)
    slopes = torch.autograd.grad(expected, leaves, upstream)
    found, grads = submission.conv2d.value_and_grad(
        x, weight, bias, wrt=("x", "weight", "bias"), cotangent=upstream, **options
    )
    assert_close(found, expected.detach(), rtol=1e-6, atol=1e-9, what="the output")
    for name, slope in zip(("x", "weight", "bias"), slopes, strict=True):
        assert_close(grads[name], slope, rtol=1e-6, atol=1e-9, what=f"the gradient of {name}")


@pytest.mark.edge_case("Size", "Padding")
@pytest.mark.parametrize(
    ("size", "kernel", "options"),
    [
        ((4, 3), (4, 3), {}),
        ((5, 4), (1, 1), {"stride": (2, 3), "padding": (1, 0)}),
        ((2, 1), (5, 3), {"padding": (2, 1)}),
        ((7, 6), (2, 2), {"stride": 3, "dilation": (1, 3)}),
        ((3, 9), (1, 4), {"stride": (5, 2), "padding": (0, 1)}),
    ],
    ids=[
        "kernel as large as the image",
        "one by one",
        "image below the kernel",
        "left-over rows",
        "stride beyond the image",
    ],
)
def test_sizes(submission, torch_rng, size, kernel, options):
    """Kernels as large as the image, 1 x 1 kernels, and rows that are left over at the end."""
    x, weight, _ = draw(torch_rng, (2, 3, *size), (4, 3, *kernel))
    expected = expected_of(x, weight, **options)
    found = submission.conv2d(x, weight, **options)
    assert_shape(found, tuple(expected.shape), what="the output")
    assert_close(found, expected, rtol=1e-6, atol=1e-9, what="the output")


@pytest.mark.edge_case("Batch size")
def test_batch_sizes(submission, torch_rng):
    """A single image keeps its axis, and an empty batch gives an empty output of the right shape."""
    x, weight, bias = draw(torch_rng, (1, 4, 5, 6), (6, 2, 3, 2))
    options = {"groups": 2, "padding": (1, 0)}
    expected = expected_of(x, weight, bias, **options)
    assert_close(
        submission.conv2d(x, weight, bias, **options), expected, rtol=1e-6, atol=1e-9, what="the output for one image"
    )
    found = submission.conv2d(x[:0], weight, bias, **options)
    assert_shape(found, (0, 6, 5, 5), what="the output for no images")


def in_other_layouts(module, x, weight, options):
    """conv2d of channels-last, transposed, sliced and expanded images, and of transposed kernels"""
    last = x.contiguous(memory_format=torch.channels_last)
    turned = x.transpose(2, 3).contiguous().transpose(2, 3)
    sliced = x.repeat_interleave(2, dim=3)[:, :, :, ::2]
    expanded = x[:1, :1].expand(2, x.shape[1], -1, -1)
    kernels = weight.permute(3, 2, 0, 1).contiguous().permute(2, 3, 1, 0)
    found = [module.conv2d(each, kernels, **options) for each in (last, turned, sliced, expanded)]
    return [each.contiguous() for each in found]


@pytest.mark.edge_case("Layout")
@pytest.mark.parametrize("options", [{}, {"padding": (0, 1), "stride": (2, 1)}], ids=str)
def test_layouts(submission, torch_rng, options):
    """Images and kernels that are not contiguous give the same."""
    x, weight, _ = draw(torch_rng, (2, 3, 5, 6), (4, 3, 2, 3))
    found = submission.run(in_other_layouts, x, weight, options)
    expected = expected_of(x, weight, **options)
    for what, one in zip(("channels-last", "transposed", "sliced"), found, strict=False):
        assert_close(one, expected, rtol=1e-6, atol=1e-9, what=f"the output for {what} images")
    expected = expected_of(x[:1, :1].expand(2, 3, 5, 6), weight, **options)
    assert_close(found[3], expected, rtol=1e-6, atol=1e-9, what="the output for expanded images")


@pytest.mark.edge_case("Dtype")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16], ids=str)
def test_dtypes(submission, torch_rng, dtype):
    """The output has the dtype of the images, and values that fit its precision."""
    x, weight, bias = draw(torch_rng, (2, 3, 6, 5), (4, 3, 3, 2), dtype)
    found = submission.conv2d(x, weight, bias, padding=1)
    assert_dtype(found, dtype, what="the output")
    rtol, atol = {torch.float32: (1e-4, 1e-4), torch.float64: (1e-9, 1e-9), torch.bfloat16: (0.05, 0.2)}[dtype]
    assert_close(found, expected_of(x, weight, bias, padding=1), rtol=rtol, atol=atol, what="the output")


BAD = [
    ("x has three axes", (3, 6, 6), (4, 3, 2, 2), {}),
    ("x has five axes", (1, 3, 6, 6, 6), (4, 3, 2, 2), {}),
    ("weight has three axes", (1, 3, 6, 6), (4, 2, 2), {}),
    ("weight is for 2 channels and x has 3", (1, 3, 6, 6), (4, 2, 2, 2), {}),
    ("weight is for 4 channels with 2 groups of 2", (1, 4, 6, 6), (4, 4, 2, 2), {"groups": 2}),
    ("2 groups do not divide 3 input channels", (1, 3, 6, 6), (4, 1, 2, 2), {"groups": 2}),
    ("2 groups do not divide 3 output channels", (1, 4, 6, 6), (3, 2, 2, 2), {"groups": 2}),
    ("groups is 0", (1, 3, 6, 6), (4, 3, 2, 2), {"groups": 0}),
    ("stride is 0", (1, 3, 6, 6), (4, 3, 2, 2), {"stride": 0}),
    ("stride is (1, -1)", (1, 3, 6, 6), (4, 3, 2, 2), {"stride": (1, -1)}),
    ("dilation is 0", (1, 3, 6, 6), (4, 3, 2, 2), {"dilation": (0, 1)}),
    ("dilation is [1, 0]", (1, 3, 6, 6), (4, 3, 2, 2), {"dilation": [1, 0]}),
    ("padding is -1", (1, 3, 6, 6), (4, 3, 2, 2), {"padding": -1}),
    ("padding is (1, -1)", (1, 3, 6, 6), (4, 3, 2, 2), {"padding": (1, -1)}),
    ("the kernel is higher than the image", (1, 3, 3, 6), (4, 3, 4, 2), {}),
    ("the kernel is wider than the image by less than the stride", (1, 3, 6, 3), (4, 3, 2, 4), {"stride": 2}),
    (
        "the dilated kernel is wider than the padded image",
        (1, 3, 6, 3),
        (4, 3, 2, 3),
        {"dilation": (1, 3), "padding": (0, 1)},
    ),
]


@pytest.mark.edge_case("Errors")
@pytest.mark.parametrize(("when", "x_shape", "weight_shape", "options"), BAD, ids=[case[0] for case in BAD])
def test_errors(submission, when, x_shape, weight_shape, options):
    """Shapes and options that do not fit raise ValueError."""
    with raises(ValueError, when=when):
        submission.conv2d(torch.ones(x_shape), torch.ones(weight_shape), **options)


def images_for_time(rng):
    x = torch.from_numpy(rng.standard_normal((4, 3, 128, 128), dtype="float32"))
    return x, torch.from_numpy(rng.standard_normal((8, 3, 3, 3), dtype="float32"))


def images_for_memory(rng):
    x = torch.from_numpy(rng.standard_normal((4, 16, 48, 48), dtype="float32"))
    return x, torch.from_numpy(rng.standard_normal((64, 16, 3, 3), dtype="float32"))


def judge_images(found, x, weight):
    expected = torch.nn.functional.conv2d(x, weight)
    assert_close(found, expected, rtol=1e-3, atol=1e-3, what="the output for large images")


@pytest.mark.performance("Speed")
def test_cpu_time(submission, measure):
    """All places of the output are worked out together."""
    hint = "loop over the places of the kernel, which are few, not over those of the output"
    measure.cpu_ratio("conv2d", images_for_time, at_most=15.0, judge=judge_images, hint=hint)


@pytest.mark.performance("Memory")
def test_peak_memory(submission, measure):
    """The patches are laid out once, not once for each output channel."""
    hint = "let a matrix product sum over patches, instead of a product that is summed later"
    measure.peak_memory("conv2d", images_for_memory, at_most=4.0, judge=judge_images, hint=hint)


def images_on_the_device(rng):
    x, weight = images_for_time(rng)
    return x.cuda(), weight.cuda()


def judge_on_the_device(found, x, weight):
    expected = torch.nn.functional.conv2d(x.cpu().double(), weight.cpu().double())
    assert_true(tuple(found.shape) == tuple(expected.shape), "the output has the wrong shape")
    assert_close(found, expected, rtol=1e-2, atol=1e-2, what="the output on the device")


@pytest.mark.gpu("Device")
def test_stays_on_the_device(submission, measure):
    """On CUDA the output stays there, the host never waits, and time and memory are near our own solution's."""
    measure.cuda("conv2d", images_on_the_device, judge=judge_on_the_device, at_most_time=10.0, at_most_memory=10.0)
