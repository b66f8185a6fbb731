"""Hidden checks of cross_entropy."""

import math

import numpy as np
import pytest

from mlkata.compare import assert_close, assert_dtype, assert_finite, assert_shape, raises

FINE = {"rtol": 1e-9, "atol": 1e-9}
COARSE = {"rtol": 1e-4, "atol": 1e-4}

WAIVED = {
    "clears_nan:cross_entropy": "NaN and infinity stand only where a finite number gives the same results",
    "clears_nan:cross_entropy_grad": "NaN and infinity stand only where a finite number gives the same results",
}


def loss_of(row, target, weight=None, eps=0.0):
    """The loss of one sample in Python numbers."""
    weight = weight or [1.0] * len(row)
    log_sum = max(row) + math.log(math.fsum(math.exp(z - max(row)) for z in row))
    smooth = math.fsum(w * (log_sum - z) for w, z in zip(weight, row, strict=True) if w and eps)
    return (1 - eps) * weight[target] * (log_sum - row[target]) + eps / len(row) * smooth


def losses_of(logits, targets, **options):
    pairs = zip(logits.tolist(), targets.tolist(), strict=True)
    return [loss_of(row, target, **options) for row, target in pairs]


def slopes(row, target, step=1e-4, **options):
    """The derivative of one sample's loss with respect to each logit, by fourth-order central differences."""

    def moved(k, by):
        return loss_of([z + by * (j == k) for j, z in enumerate(row)], target, **options)

    return [
        (8 * (moved(k, step) - moved(k, -step)) - moved(k, 2 * step) + moved(k, -2 * step)) / (12 * step)
        for k in range(len(row))
    ]


def slopes_of(logits, targets, **options):
    pairs = zip(logits.tolist(), targets.tolist(), strict=True)
    return np.array([slopes(row, target, **options) for row, target in pairs])


def draw(rng, n, c):
    """Logits and targets, among them the first and the last class."""
    targets = rng.integers(c, size=n)
    targets[:2] = 0, c - 1
    return 2 * rng.normal(size=(n, c)) + 0.5, targets


@pytest.mark.correctness("Loss", "Reduction")
def test_losses_of_the_samples(submission, rng):
    """The loss of a sample is minus the log of the softmax at its target."""
    logits, targets = draw(rng, 7, 4)
    losses = submission.cross_entropy(logits, targets, reduction="none")
    assert_close(losses, losses_of(logits, targets), **FINE, what="the array of losses")


@pytest.mark.correctness("Reduction")
def test_reductions(submission, rng):
    """The sum adds up the losses, and the mean, the default, divides by the number of samples."""
    logits, targets = draw(rng, 6, 3)
    expected = losses_of(logits, targets)
    total = submission.cross_entropy(logits, targets, reduction="sum")
    assert_close(total, math.fsum(expected), **FINE, what="the sum")
    for options in ({}, {"reduction": "mean"}):
        mean = submission.cross_entropy(logits, targets, **options)
        assert_close(mean, math.fsum(expected) / 6, **FINE, what="the mean")


@pytest.mark.correctness("Gradient", "Reduction")
def test_gradient(submission, rng):
    """The gradient of sum and mean is that of the loss, with the division of the mean."""
    logits, targets = draw(rng, 6, 4)
    expected = slopes_of(logits, targets)
    grad = submission.cross_entropy_grad(logits, targets, reduction="sum")
    assert_close(grad, expected, **FINE, what="the gradient of the sum")
    grad = submission.cross_entropy_grad(logits, targets)
    assert_close(grad, expected / 6, **FINE, what="the gradient of the mean")


@pytest.mark.correctness("Weights")
def test_class_weights(submission, rng):
    """A loss is multiplied by the weight of its target's class, and the mean divides by these weights."""
    logits, targets = draw(rng, 7, 3)
    weight = [0.25, 3.0, 1.5]
    expected = losses_of(logits, targets, weight=weight)
    losses = submission.cross_entropy(logits, targets, weight=np.array(weight), reduction="none")
    assert_close(losses, expected, **FINE, what="the array of weighted losses")
    divisor = sum(weight[target] for target in targets)
    mean = submission.cross_entropy(logits, targets, weight=weight)
    hint = "the sum of the losses is divided by the sum of the targets' weights"
    assert_close(mean, math.fsum(expected) / divisor, **FINE, what="the weighted mean", hint=hint)
    total = submission.cross_entropy(logits, targets, weight=weight, reduction="sum")
    assert_close(total, math.fsum(expected), **FINE, what="the weighted sum")
    expected = slopes_of(logits, targets, weight=[1, 3, 2])
    grad = submission.cross_entropy_grad(logits, targets, weight=[1, 3, 2], reduction="sum")
    assert_close(grad, expected, **FINE, what="the gradient of the weighted sum")
    grad = submission.cross_entropy_grad(logits, targets, weight=[1, 3, 2])
    expected = expected / sum((1, 3, 2)[target] for target in targets)
    assert_close(grad, expected, **FINE, what="the gradient of the weighted mean")


@pytest.mark.correctness("Label smoothing", "Gradient")
@pytest.mark.parametrize("eps", [0.1, 0.6, 1.0])
def test_label_smoothing(submission, rng, eps):
    """Smoothing spreads its share over all classes, the target among them."""
    logits, targets = draw(rng, 5, 4)
    losses = submission.cross_entropy(logits, targets, label_smoothing=eps, reduction="none")
    assert_close(losses, losses_of(logits, targets, eps=eps), **FINE, what=f"the array of losses smoothed by {eps}")
    grad = submission.cross_entropy_grad(logits, targets, label_smoothing=eps)
    expected = slopes_of(logits, targets, eps=eps) / 5
    assert_close(grad, expected, **FINE, what=f"the gradient of the mean smoothed by {eps}")


@pytest.mark.correctness("Label smoothing", "Weights", "Gradient")
def test_smoothing_with_weights(submission):
    """With both, each class of the smoothed part has its own weight, and the mean divides by the targets' weights."""
    logits = np.array([[1.0, -0.5, 2.0], [0.25, 3.0, -1.0], [-2.0, 0.5, 0.75], [1.5, 1.0, -0.25]])
    targets, options = np.array([2, 0, 1, 0]), {"weight": np.array([0.5, 2.0, 1.25]), "label_smoothing": 0.3}
    losses = submission.cross_entropy(logits, targets, reduction="none", **options)
    # The numbers are those of torch.nn.functional.cross_entropy.
    expected = [1.0144237898158535, 1.6573012460179721, 1.6224641917469405, 0.7369187444012693]
    assert_close(losses, expected, **FINE, what="the array of losses")
    mean = submission.cross_entropy(logits, targets, **options)
    assert_close(mean, 1.1837901110545967, **FINE, what="the mean")
    total = submission.cross_entropy(logits, targets, reduction="sum", **options)
    assert_close(total, 5.031107971982035, **FINE, what="the sum")
    grad = submission.cross_entropy_grad(logits, targets, **options)
    expected = [
        [0.06285770048088977, -0.03040831404692021, -0.032449386433969524],
        [-0.0840410413518659, 0.11056581018663612, -0.026524768834770226],
        [0.002724287542025965, -0.19995851334612577, 0.19723422580409988],
        [0.0017020430049062617, 0.011058756298402339, -0.012760799303308593],
    ]
    assert_close(grad, expected, **FINE, what="the gradient of the mean")


@pytest.mark.edge_case("Ignored targets", "Weights")
@pytest.mark.parametrize("ignore_index", [-100, 1, 255, -1])
def test_ignored_targets(submission, rng, ignore_index):
    """Ignored samples add nothing and do not count in the mean, with weights and smoothing as well."""
    logits, _ = draw(rng, 6, 3)
    targets = np.array([0, ignore_index, 2, 2, ignore_index, 0])
    kept, weight, eps = [0, 2, 3, 5], [0.5, 2.0, 1.25], 0.2
    named = {} if ignore_index == -100 else {"ignore_index": ignore_index}
    expected = losses_of(logits[kept], targets[kept])
    mean = submission.cross_entropy(logits, targets, **named)
    assert_close(mean, math.fsum(expected) / 4, **FINE, what="the mean", hint="ignored samples do not count")
    grad = submission.cross_entropy_grad(logits, targets, **named)
    expected = slopes_of(logits[kept], targets[kept]) / 4
    assert_close(grad[kept], expected, **FINE, what="the gradient of the mean at the samples that are kept")
    options = {"weight": weight, "label_smoothing": eps, **named}
    losses = submission.cross_entropy(logits, targets, reduction="none", **options)
    expected = np.zeros(6)
    expected[kept] = losses_of(logits[kept], targets[kept], weight=weight, eps=eps)
    assert_close(losses, expected, **FINE, what="the array of losses")
    assert_close(submission.cross_entropy(logits, targets, **options), expected.sum() / 3.5, **FINE, what="the mean")
    grad = submission.cross_entropy_grad(logits, targets, **options)
    expected = np.zeros((6, 3))
    expected[kept] = slopes_of(logits[kept], targets[kept], weight=weight, eps=eps) / 3.5
    assert_close(grad, expected, **FINE, what="the gradient of the mean")


@pytest.mark.edge_case("Ignored targets")
def test_ignored_logits_may_be_anything(submission, rng):
    """The logits of an ignored sample do not matter, not even NaN and infinity."""
    logits, targets = draw(rng, 5, 3)
    logits[2], logits[4], targets[[2, 4]] = np.nan, [np.inf, -np.inf, np.inf], -100
    kept = [0, 1, 3]
    for options in ({}, {"weight": [0.5, 2.0, 1.25], "label_smoothing": 0.2}):
        of_kept = {"weight": options.get("weight"), "eps": options.get("label_smoothing", 0.0)}
        expected = np.zeros(5)
        expected[kept] = losses_of(logits[kept], targets[kept], **of_kept)
        losses = submission.cross_entropy(logits, targets, reduction="none", **options)
        assert_close(losses, expected, **FINE, what="the array of losses", hint="NaN times 0 is NaN")
        mean = submission.cross_entropy(logits, targets, **options)
        divisor = sum(options.get("weight", [1.0] * 3)[target] for target in targets[kept])
        assert_close(mean, expected.sum() / divisor, **FINE, what="the mean")
        expected = np.zeros((5, 3))
        expected[kept] = slopes_of(logits[kept], targets[kept], **of_kept)
        grad = submission.cross_entropy_grad(logits, targets, reduction="sum", **options)
        assert_close(grad, expected, **FINE, what="the gradient of the sum", hint="NaN times 0 is NaN")


@pytest.mark.edge_case("Nothing to average")
@pytest.mark.parametrize("n", [3, 0])
@pytest.mark.parametrize(
    "options", [{}, {"weight": [1.0, 2.0, 3.0, 4.0], "label_smoothing": 0.1}], ids=["plain", "both"]
)
def test_nothing_to_average(submission, n, options):
    """With all samples ignored, or none there, mean and sum are 0 and the gradient is all zeros."""
    logits, targets = np.linspace(-2, 2, n * 4).reshape(n, 4), np.full(n, -100)
    for reduction in ("mean", "sum"):
        found = submission.cross_entropy(logits, targets, reduction=reduction, **options)
        assert_close(found, 0.0, what=f"the {reduction}")
        grad = submission.cross_entropy_grad(logits, targets, reduction=reduction, **options)
        assert_close(grad, np.zeros((n, 4)), what=f"the gradient of the {reduction}")
    losses = submission.cross_entropy(logits, targets, reduction="none", **options)
    assert_shape(losses, (n,), what="the array of losses")


@pytest.mark.edge_case("Large logits", "Label smoothing")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("scale", [200.0, 1e5])
def test_large_logits(submission, scale, dtype):
    """Confidently wrong costs the difference of the logits, confidently right costs nothing, and nothing overflows."""
    logits = np.array([[scale, -scale, 0], [-scale, scale, 0], [scale, scale, 0], [-scale, -scale, -scale]], dtype)
    targets = np.array([1, 1, 0, 2])
    losses = submission.cross_entropy(logits, targets, reduction="none")
    assert_finite(losses, what="the array of losses", hint="take the largest logit out before exp")
    expected = [2 * scale, 0.0, math.log(2), math.log(3)]
    assert_close(losses, expected, rtol=1e-4, atol=1e-6, what="the array of losses")
    smoothed = submission.cross_entropy(logits, targets, label_smoothing=0.25, reduction="none")
    expected = [1.75 * scale, 0.25 * scale, scale / 12 + math.log(2), math.log(3)]
    assert_close(smoothed, expected, rtol=1e-4, atol=1e-6, what="the array of smoothed losses")
    grad = submission.cross_entropy_grad(logits, targets, reduction="sum")
    expected = [[1, -1, 0], [0, 0, 0], [-0.5, 0.5, 0], [1 / 3, 1 / 3, -2 / 3]]
    assert_close(grad, expected, rtol=1e-4, atol=1e-6, what="the gradient of the sum")


@pytest.mark.edge_case("Masked classes")
def test_masked_classes(submission, rng):
    """A class whose logit is -inf has no share: loss and gradient are those of the other classes alone."""
    logits, targets = rng.normal(size=(3, 5)), np.array([2, 0, 4])
    shown = np.array([[0, 1, 1, 0, 1], [1, 1, 0, 1, 1], [0, 0, 0, 0, 1]], bool)
    logits[~shown] = -np.inf
    expected_losses, expected, weight = [], np.zeros((3, 5)), [0.5, 2.0, 3.0, 1.0, 1.5]
    for place, row in enumerate(shown):
        rest, at = logits[place, row].tolist(), int(row[: targets[place]].sum())
        expected_losses.append(loss_of(rest, at))
        expected[place, row] = np.multiply(slopes(rest, at), weight[targets[place]])
    losses = submission.cross_entropy(logits, targets, reduction="none")
    assert_close(losses, expected_losses, **FINE, what="the array of losses", hint="0 times infinity is NaN")
    grad = submission.cross_entropy_grad(logits, targets, weight=weight, reduction="sum")
    assert_close(grad, expected, **FINE, what="the gradient of the sum")
    low = np.array([[-1e5, -np.inf, -1e5], [-np.inf, -1e5, 1 - 1e5]])
    losses = submission.cross_entropy(low, np.array([0, 1]), reduction="none")
    expected = [math.log(2), math.log(1 + math.e)]
    assert_close(losses, expected, **FINE, what="the array of losses beside large logits")


@pytest.mark.edge_case("Dtype")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dtype_of_the_results(submission, rng, dtype):
    """Losses and gradients have the dtype of the logits, whatever that of the weights."""
    logits, targets = draw(rng, 6, 3)
    logits, near = logits.astype(dtype), COARSE if dtype == "float32" else FINE
    for other in ("float64", "float32"):
        options = {"weight": np.array([0.5, 2.0, 1.5], other), "label_smoothing": 0.25}
        losses = submission.cross_entropy(logits, targets, reduction="none", **options)
        assert_dtype(losses, dtype, what="the array of losses")
        expected = losses_of(logits, targets, weight=[0.5, 2.0, 1.5], eps=0.25)
        assert_close(losses, expected, **near, what="the array of losses")
        grad = submission.cross_entropy_grad(logits, targets, **options)
        assert_dtype(grad, dtype, what="the gradient")


@pytest.mark.edge_case("Dtype")
@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int64"])
def test_integer_logits(submission, dtype):
    """Integer logits count as the numbers that they are, and the results are float64."""
    logits = np.array([[100, 3, 97], [2, 99, 101], [0, 1, 2]], dtype)
    if dtype == "int8":
        logits[0, 1], logits[2, 0] = -100, -3
    targets = np.array([1, 0, 2])
    losses = submission.cross_entropy(logits, targets, reduction="none")
    assert_close(
        losses,
        losses_of(logits, targets),
        **FINE,
        what="the array of losses",
        hint="make them float64 first, small integers wrap",
    )
    assert_dtype(losses, "float64", what="the array of losses")
    grad = submission.cross_entropy_grad(logits, targets, reduction="sum")
    assert_close(grad, slopes_of(logits, targets), **FINE, what="the gradient of the sum")
    assert_dtype(grad, "float64", what="the gradient")


@pytest.mark.edge_case("Dtype", "Loss")
def test_layouts_and_integer_targets(submission, rng):
    """Logits in any layout, targets of any integer dtype, a single sample and a single class are nothing special."""
    logits, targets = draw(rng, 5, 7)
    for dtype in ("uint8", "int8", "int32", "uint64"):
        spaced = np.repeat(targets.astype(dtype), 2)[::2]
        losses = submission.cross_entropy(np.asfortranarray(logits)[::-1], spaced[::-1], reduction="none")
        assert_close(losses, losses_of(logits, targets)[::-1], **FINE, what=f"the array of losses with {dtype} targets")
        grad = submission.cross_entropy_grad(np.asfortranarray(logits), spaced, reduction="sum")
        assert_close(grad, slopes_of(logits, targets), **FINE, what=f"the gradient with {dtype} targets")
    loss = submission.cross_entropy(logits[:1], targets[:1])
    assert_close(loss, losses_of(logits[:1], targets[:1])[0], **FINE, what="the mean of one sample")
    losses = submission.cross_entropy(logits[:, :1], np.array([0, 0, -100, 0, 0]), reduction="none")
    assert_close(losses, [0.0] * 5, what="the array of losses with one class")


@pytest.mark.edge_case("Errors", "Ignored targets")
@pytest.mark.parametrize("target", [-1, 3, -3, 100])
def test_targets_that_are_no_class(submission, target):
    """A target that is no class, and is not ignored, raises ValueError."""
    logits, targets = np.array([[0.5, 1.0, -1.0], [2.0, 0.0, 1.0]]), np.array([1, target])
    with raises(ValueError, when=f"a target is {target} and there are 3 classes"):
        submission.cross_entropy(logits, targets)
    with raises(ValueError, when=f"a target of cross_entropy_grad is {target} and there are 3 classes"):
        submission.cross_entropy_grad(logits, targets, ignore_index=-2)
    with raises(ValueError, when="a target is -100 and ignore_index is 1"):
        submission.cross_entropy(logits, np.array([1, -100]), ignore_index=1)
    wrapped = np.array([1, 156], np.uint8)
    with raises(ValueError, when="a target is 156, which is -100 only as int8, and there are 3 classes"):
        submission.cross_entropy(logits, wrapped)


@pytest.mark.edge_case("Errors")
def test_bad_options(submission):
    """An unknown reduction and a smoothing outside 0 to 1 raise ValueError."""
    logits, targets = np.array([[0.5, 1.0, -1.0], [2.0, 0.0, 1.0]]), np.array([1, 0])
    for function, reductions in (("cross_entropy", ["average", None]), ("cross_entropy_grad", ["average", "none"])):
        for options in (
            *({"reduction": name} for name in reductions),
            {"label_smoothing": -0.1},
            {"label_smoothing": 1.5},
        ):
            ((name, value),) = options.items()
            with raises(ValueError, when=f"{name} of {function} is {value!r}"):
                getattr(submission, function)(logits, targets, **options)


@pytest.mark.edge_case("Arguments")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_arguments_stay_as_they_were(submission, rng, dtype):
    """Logits, targets and weights are not written to."""
    logits, _ = draw(rng, 4, 3)
    logits, near = logits.astype(dtype), COARSE if dtype == "float32" else FINE
    targets, weight = np.array([2, -100, 0, 1]), np.array([1.0, 2.0, 0.5])
    kept = [0, 2, 3]
    seen = submission.cross_entropy.observe(logits, targets, weight=weight, label_smoothing=0.1)
    expected = math.fsum(losses_of(logits[kept], targets[kept], weight=weight.tolist(), eps=0.1)) / 3.5
    assert_close(seen.value, expected, **near, what="the mean")
    seen.assert_unchanged()
    seen = submission.cross_entropy_grad.observe(logits, targets, weight=weight, label_smoothing=0.1)
    expected = slopes(logits[0].tolist(), 2, weight=weight.tolist(), eps=0.1)
    assert_close(seen.value[0], np.array(expected) / 3.5, **near, what="the gradient of the first sample")
    seen.assert_unchanged()


def loss_and_gradient(module, logits, targets):
    """cross_entropy(logits, targets), cross_entropy_grad(logits, targets)"""
    return module.cross_entropy(logits, targets), module.cross_entropy_grad(logits, targets)


def many_samples(rng):
    return rng.normal(size=(50_000, 4)), rng.integers(4, size=50_000)


def judge_many(found, logits, targets):
    exponents = np.exp(logits)
    p, at = exponents / exponents.sum(axis=1, keepdims=True), np.arange(len(targets))
    assert_close(found[0], -np.log(p[at, targets]).mean(), rtol=1e-6, what="the mean")
    p[at, targets] -= 1
    assert_close(found[1], p / len(targets), rtol=1e-6, atol=1e-12, what="the gradient of the mean")


@pytest.mark.performance("Speed")
def test_cpu_time(submission, measure):
    """Samples are handled all at once: no Python loop over them."""
    hint = "work on whole arrays: index with np.arange(n) and the targets"
    measure.cpu_ratio(loss_and_gradient, many_samples, at_most=10, judge=judge_many, hint=hint)
