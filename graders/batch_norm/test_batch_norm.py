"""Hidden checks of batch_norm."""

import math

import numpy as np
import pytest

from mlkata.compare import assert_close, assert_dtype, assert_equal, assert_finite, assert_shape, raises

SHAPES = [(6, 3), (4, 3, 5), (2, 3, 4, 5)]


def moments(x, channel):
    """Mean and biased variance of one channel, from the list of its values."""
    values = [float(value) for sample in x for value in np.ravel(sample[channel])]
    mean = math.fsum(values) / len(values)
    return mean, math.fsum((value - mean) ** 2 for value in values) / len(values), len(values)


def normalise(x, gamma, beta, eps=1e-5, mean=None, var=None):
    """The output by the formula, channel by channel; with the given mean and variance in evaluation."""
    y = np.zeros(x.shape)
    for channel in range(x.shape[1]):
        centre, spread, _ = moments(x, channel) if mean is None else (mean[channel], var[channel], 0)
        y[:, channel] = gamma[channel] * (x[:, channel] - centre) / math.sqrt(spread + eps) + beta[channel]
    return y


def slopes(function, values, step=1e-5):
    """Central differences of a function of an array."""
    found = np.zeros(values.shape)
    for index in np.ndindex(values.shape):
        shift = np.zeros(values.shape)
        shift[index] = step
        found[index] = (function(values + shift) - function(values - shift)) / (2 * step)
    return found


def draw(rng, shape=(6, 3)):
    """A batch whose channels have means and spreads of their own, and a gamma and a beta."""
    c = shape[1]
    column = (-1, *[1] * (len(shape) - 2))
    x = rng.normal(size=shape) * np.linspace(0.5, 3, c).reshape(column) + np.linspace(-2, 4, c).reshape(column)
    return x, rng.uniform(0.5, 2, size=c) * np.where(np.arange(c) % 2, -1, 1), rng.normal(size=c) + 1


def drive(module, calls, *, attributes=None, grad_out=None, channels=3, options=None):
    """BatchNorm(...): forward(x, training=...) for each call, then backward(grad_out) if there is one"""
    layer = module.BatchNorm(channels, **(options or {}))
    for name, value in (attributes or {}).items():
        setattr(layer, name, value)
    outputs = [layer.forward(x, **given) for x, given in calls]
    gradients = None if grad_out is None else layer.backward(grad_out)
    return outputs, [layer.running_mean, layer.running_var], gradients


def fresh(module):
    """BatchNorm(3): its attributes"""
    layer = module.BatchNorm(3)
    return {name: getattr(layer, name) for name in ("gamma", "beta", "running_mean", "running_var")}


@pytest.mark.correctness("Training", "Shapes", "Attributes")
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_output_in_training(submission, rng, shape):
    """Each channel is normalised over the batch and all positions, then scaled by gamma and shifted by beta."""
    for name, value in submission.run(fresh).items():
        assert_dtype(value, "float64", what=name)
        assert_equal(value, np.full(3, float(name in ("gamma", "running_var"))), what=f"{name} at first")
    x, gamma, beta = draw(rng, shape)
    (plain, scaled), *_ = submission.run(drive, [(x, {}), (x, {"training": True})])
    expected = normalise(x, np.ones(3), np.zeros(3))
    assert_close(plain, expected, rtol=1e-7, what="the output with the first gamma and beta")
    (scaled,), *_ = submission.run(drive, [(x, {})], attributes={"gamma": gamma, "beta": beta})
    assert_close(scaled, normalise(x, gamma, beta), rtol=1e-7, what="the output with gamma and beta")


@pytest.mark.correctness("Running averages", "Attributes")
@pytest.mark.parametrize("momentum", [0.1, 0.75, 0.0])
def test_running_averages(submission, rng, momentum):
    """After each training batch the running values move to the batch's mean and unbiased variance by the momentum."""
    batches = [draw(rng, shape)[0] for shape in ((5, 3), (4, 3, 2), (3, 3))]
    mean, var = [0.0] * 3, [1.0] * 3
    for number, x in enumerate(batches, start=1):
        for channel in range(3):
            centre, spread, m = moments(x, channel)
            mean[channel] = (1 - momentum) * mean[channel] + momentum * centre
            var[channel] = (1 - momentum) * var[channel] + momentum * spread * m / (m - 1)
        options = {} if momentum == 0.1 else {"momentum": momentum}
        _, found, _ = submission.run(drive, [(x, {}) for x in batches[:number]], options=options)
        assert_close(found[0], mean, rtol=1e-8, what=f"the running mean after {number} batches")
        hint = "that of the batch is divided by m - 1 for it"
        assert_close(found[1], var, rtol=1e-8, what=f"the running variance after {number} batches", hint=hint)


@pytest.mark.correctness("Running averages")
def test_running_averages_without_momentum(submission, rng):
    """With momentum=None they are the means over all training batches; evaluations in between do not count."""
    batches = [draw(rng, shape)[0] for shape in ((5, 3), (3, 3, 2), (4, 3))]
    calls = [(batches[0], {}), (batches[1], {"training": False}), (batches[1], {}), (batches[2], {})]
    _, found, _ = submission.run(drive, calls, options={"momentum": None})
    every = [[moments(x, channel) for channel in range(3)] for x in batches]
    means = [sum(one[channel][0] for one in every) / 3 for channel in range(3)]
    variances = [
        sum(one[channel][1] * one[channel][2] / (one[channel][2] - 1) for one in every) / 3 for channel in range(3)
    ]
    assert_close(found[0], means, rtol=1e-8, what="the running mean after three batches")
    assert_close(found[1], variances, rtol=1e-8, what="the running variance after three batches")


@pytest.mark.correctness("Evaluation", "Attributes")
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_output_in_evaluation(submission, rng, shape):
    """In evaluation the running values are used, whatever else is in the batch, and stay as they are."""
    x, gamma, beta = draw(rng, shape)
    mean, var = rng.normal(size=3), rng.uniform(0.5, 4, size=3)
    attributes = {"gamma": gamma, "beta": beta, "running_mean": mean, "running_var": var}
    calls = [(x, {"training": False}), (x[:1], {"training": False})]
    (whole, alone), found, _ = submission.run(drive, calls, attributes=attributes)
    expected = normalise(x, gamma, beta, mean=mean, var=var)
    assert_close(whole, expected, rtol=1e-7, what="the output in evaluation")
    assert_close(alone, expected[:1], rtol=1e-7, what="the output of the first sample alone")
    assert_equal(found, [mean, var], what="the pair of running averages after evaluation")


@pytest.mark.correctness("Backward", "Training", "Epsilon")
@pytest.mark.parametrize("shape", [(6, 3), (4, 3, 5), (2, 3, 2, 3)], ids=str)
def test_gradients_in_training(submission, rng, shape):
    """All three gradients are the slopes of the loss, the way through mean and variance included."""
    x, gamma, beta = draw(rng, shape)
    weights = rng.normal(size=shape)
    eps = 0.5 if len(shape) == 3 else 1e-5
    options = {"attributes": {"gamma": gamma, "beta": beta}, "options": {"eps": eps} if eps == 0.5 else {}}
    _, _, (by_x, by_gamma, by_beta) = submission.run(drive, [(x, {})], grad_out=weights, **options)

    def loss(x, gamma, beta):
        return float((normalise(x, gamma, beta, eps) * weights).sum())

    expected = slopes(lambda value: loss(value, gamma, beta), x)
    hint = "mean and variance depend on every x"
    assert_close(by_x, expected, rtol=1e-4, atol=1e-6, what="the gradient of x", hint=hint)
    expected = slopes(lambda value: loss(x, value, beta), gamma)
    assert_close(by_gamma, expected, rtol=1e-6, atol=1e-8, what="the gradient of gamma")
    expected = slopes(lambda value: loss(x, gamma, value), beta)
    assert_close(by_beta, expected, rtol=1e-6, atol=1e-8, what="the gradient of beta")


@pytest.mark.correctness("Backward after evaluation", "Epsilon")
def test_gradients_in_evaluation(submission, rng):
    """After an evaluation mean and variance are constants, also for the gradient."""
    x, gamma, beta = draw(rng, (2, 3, 4))
    mean, var, weights = rng.normal(size=3), rng.uniform(0.5, 4, size=3), rng.normal(size=(2, 3, 4))
    attributes = {"gamma": gamma, "beta": beta, "running_mean": mean, "running_var": var}
    calls, options = [(x[::-1] + 1, {"training": False}), (x, {"training": False})], {"eps": 0.25}
    _, _, gradients = submission.run(drive, calls, attributes=attributes, grad_out=weights, options=options)
    by_x, by_gamma, by_beta = gradients
    for channel in range(3):
        scale = 1 / math.sqrt(var[channel] + 0.25)
        part = weights[:, channel]
        assert_close(by_x[:, channel], gamma[channel] * scale * part, rtol=1e-7, what="the gradient of x")
        expected = (part * (x[:, channel] - mean[channel]) * scale).sum()
        assert_close(by_gamma[channel], expected, rtol=1e-7, atol=1e-10, what="the gradient of gamma")
        assert_close(by_beta[channel], part.sum(), rtol=1e-7, atol=1e-10, what="the gradient of beta")


@pytest.mark.correctness("Epsilon")
@pytest.mark.parametrize("eps", [1e-5, 0.5])
def test_epsilon(submission, rng, eps):
    """Epsilon is added to the variance, under the root, in training and in evaluation."""
    x, _, _ = draw(rng)
    x = x * 0.003 if eps == 1e-5 else x
    options = {} if eps == 1e-5 else {"eps": eps}
    mean, var = np.array([0.1, 0.2, -0.1]), np.array([1e-5, 2e-5, 0.5e-5])
    attributes = {"running_mean": mean, "running_var": var}
    calls = [(x, {"training": False}), (x, {})]
    (evaluated, trained), *_ = submission.run(drive, calls, attributes=attributes, options=options)
    assert_close(trained, normalise(x, [1] * 3, [0] * 3, eps), rtol=1e-7, atol=1e-9, what="the output in training")
    expected = normalise(x, [1] * 3, [0] * 3, eps, mean, var)
    assert_close(evaluated, expected, rtol=1e-7, what="the output in evaluation")


@pytest.mark.edge_case("Epsilon", "Backward")
def test_channel_without_variance(submission, rng):
    """A channel of equal values gives beta, and gradients that are finite and right."""
    x, gamma, beta = draw(rng)
    x[:, 1] = 2.5
    weights = rng.normal(size=(6, 3))
    attributes = {"gamma": gamma, "beta": beta}
    (y,), _, gradients = submission.run(drive, [(x, {})], attributes=attributes, grad_out=weights)
    assert_close(y[:, 1], np.full(6, beta[1]), what="the output of the channel")
    for gradient in gradients:
        assert_finite(gradient, what="a gradient")
    expected = gamma[1] / math.sqrt(1e-5) * (weights[:, 1] - weights[:, 1].mean())
    assert_close(gradients[0][:, 1], expected, rtol=1e-6, what="the gradient of x in the channel")
    assert_close(y[:, 2], normalise(x, gamma, beta)[:, 2], rtol=1e-7, what="the output of another channel")


def attempt(module, x, good):
    """BatchNorm(3, momentum=None).forward(x), and if it raises the running values, then after forward(good)"""
    layer = module.BatchNorm(3, momentum=None)
    try:
        return layer.forward(x), None, None
    except ValueError:
        kept = [layer.running_mean.copy(), layer.running_var.copy()]
        layer.forward(good)
        return None, kept, layer.running_mean


@pytest.mark.edge_case("Single values", "Errors")
def test_batch_of_one(submission, rng):
    """One value per channel cannot be trained on; one image can, and one sample can be evaluated."""
    x, _, _ = draw(rng, (1, 3, 4, 2))
    for single in (x[:, :, 0, 0], x[:, :, :1, :1], x[:0, :, 0, 0]):
        y, kept, after = submission.run(attempt, single, x)
        shape = tuple(single.shape)
        with raises(ValueError, when=f"the training batch has the shape {shape}"):
            if y is None:
                raise ValueError
        assert_equal(kept, [np.zeros(3), np.ones(3)], what="the pair of running averages after the error")
        expected = [moments(x, channel)[0] for channel in range(3)]
        assert_close(after, expected, rtol=1e-7, what="the running mean after an error and one batch")
    (y,), *_ = submission.run(drive, [(x, {})])
    assert_close(y, normalise(x, np.ones(3), np.zeros(3)), rtol=1e-7, what="the output of one image in training")
    calls = [(x[:, :, 0, 0], {"training": False}), (x[:0], {"training": False})]
    (one, none), _, (by_x, *others) = submission.run(drive, calls, grad_out=x[:0])
    assert_close(one, x[:, :, 0, 0] / math.sqrt(1 + 1e-5), rtol=1e-7, what="the output of one sample in evaluation")
    assert_shape(none, (0, 3, 4, 2), what="the output of no samples in evaluation")
    assert_shape(by_x, (0, 3, 4, 2), what="the gradient of x for no samples")
    assert_equal(others, [np.zeros(3)] * 2, what="the pair of gradients of gamma and beta for no samples")


@pytest.mark.edge_case("Accuracy")
def test_large_mean(submission, rng):
    """Means that are large beside the spread cost no digits."""
    deviations = rng.normal(size=(8, 3))
    x = deviations * [1.0, 2.0, 0.5] + [1e6, -2e6, 4e5]
    x = np.round(x * 1024) / 1024  # exact, so that taking the mean off by hand loses nothing
    (y,), running, _ = submission.run(drive, [(x, {})], options={"momentum": None})
    shifted = x - [1e6, -2e6, 4e5]
    hint = "the mean of squares less the square of the mean cancels"
    expected = normalise(shifted, np.ones(3), np.zeros(3))
    assert_close(y, expected, rtol=1e-6, atol=1e-6, what="the output", hint=hint)
    variances = [moments(shifted, channel)[1] * 8 / 7 for channel in range(3)]
    assert_close(running[1], variances, rtol=1e-6, what="the running variance", hint=hint)


@pytest.mark.edge_case("Dtype", "Accuracy")
@pytest.mark.parametrize("dtype", ["float16", "float32", "int64", "uint8", "bool"])
def test_dtypes(submission, rng, dtype):
    """Output and gradient of x have the dtype of a float input, and nothing is lost or overflows on the way."""
    x = rng.uniform([0, 0, 5], [250, 250, 255], size=(300, 3))
    x = x > 100 if dtype == "bool" else x.astype(dtype)
    weights = rng.normal(size=(300, 3)).astype(np.float32)
    (y,), running, (by_x, by_gamma, by_beta) = submission.run(drive, [(x, {})], grad_out=weights)
    kind = dtype if dtype.startswith("float") else "float64"
    assert_dtype(y, kind, what=f"the output for {dtype}")
    assert_dtype(by_x, kind, what=f"the gradient of x for {dtype}")
    assert_dtype(by_gamma, "float64", what="the gradient of gamma")
    assert_dtype(by_beta, "float64", what="the gradient of beta")
    wide, rtol = x.astype(float), {"float16": 2e-3, "float32": 2e-6}.get(kind, 1e-8)
    x_hat = normalise(wide, np.ones(3), np.zeros(3))
    assert_close(y, x_hat, rtol=rtol, atol=rtol / 10, what=f"the output for {dtype}")
    expected = [0.1 * moments(wide, channel)[0] for channel in range(3)]
    assert_close(running[0], expected, rtol=1e-8, what=f"the running mean for {dtype}")
    weights = weights.astype(float)
    assert_close(by_beta, weights.sum(axis=0), rtol=1e-8, atol=1e-10, what="the gradient of beta")
    assert_close(by_gamma, (weights * x_hat).sum(axis=0), rtol=1e-8, atol=1e-8, what="the gradient of gamma")
    expected = weights - weights.mean(axis=0) - x_hat * (weights * x_hat).mean(axis=0)
    expected = expected / np.sqrt([moments(wide, channel)[1] + 1e-5 for channel in range(3)])
    assert_close(by_x, expected, rtol=rtol, atol=rtol / 1000, what=f"the gradient of x for {dtype}")


@pytest.mark.edge_case("Dtype", "Shapes")
def test_other_layouts(submission, rng):
    """Transposed, reversed and broadcast arrays give the same as contiguous ones."""
    x, gamma, beta = draw(rng, (4, 3, 5))
    weights = rng.normal(size=(1, 3, 1))
    attributes = {"gamma": gamma, "beta": beta}
    turned, wide = x.transpose(2, 1, 0)[::-1], np.broadcast_to(weights, (5, 3, 4))
    (y,), _, (by_x, _, by_beta) = submission.run(drive, [(turned, {})], attributes=attributes, grad_out=wide)
    assert_close(y, normalise(turned, gamma, beta), rtol=1e-7, what="the output")
    assert_close(by_x, np.zeros((5, 3, 4)), atol=1e-9, what="the gradient of x for a constant gradient")
    assert_close(by_beta, 20 * weights.ravel(), rtol=1e-7, what="the gradient of beta")


def repeated(module, x, other, first, second):
    """forward(other), backward(first), forward(x), forward(x, training=False), backward(first), forward(x), ..."""
    layer = module.BatchNorm(3)
    layer.forward(other)
    layer.backward(first)
    layer.forward(x)
    layer.forward(x, training=False)
    evaluated = layer.backward(first)
    layer.forward(x)
    return evaluated, layer.running_var, layer.backward(second), layer.backward(second)


@pytest.mark.edge_case("Backward", "Backward after evaluation")
def test_backward_belongs_to_the_last_forward(submission, rng):
    """Whatever was called before, backward gives the gradients of the last forward and adds nothing up."""
    x, other, first, second = (rng.normal(size=(5, 3)) * 2 for _ in range(4))
    evaluated, running_var, once, again = submission.run(repeated, x, other, first, second)
    assert_close(once[2], second.sum(axis=0), rtol=1e-7, what="the gradient of beta")
    expected = slopes(lambda value: float((normalise(value, [1] * 3, [0] * 3) * second).sum()), x)
    assert_close(once[0], expected, rtol=1e-4, atol=1e-6, what="the gradient of x")
    for one, two in zip(once, again, strict=True):
        assert_close(two, one, rtol=1e-9, what="a gradient from backward called again")
    # The running variance before the last forward follows from the one after it.
    spread = np.array([moments(x, channel)[1] * 5 / 4 for channel in range(3)])
    before = (running_var - 0.1 * spread) / 0.9
    assert_close(evaluated[0], first / np.sqrt(before + 1e-5), rtol=1e-6, what="the gradient of x after an evaluation")


def call_backward(module, grad_out):
    """BatchNorm(3).backward(grad_out) without a forward"""
    return module.BatchNorm(3).backward(grad_out)


@pytest.mark.edge_case("Errors")
def test_errors(submission, rng):
    """Shapes that do not fit raise ValueError, and backward without forward RuntimeError."""
    x = rng.normal(size=(3, 3))
    for when, given in (
        ("x has one axis", x[0]),
        ("x has 2 channels instead of 3", x[:, :2]),
        ("x has its channels last", rng.normal(size=(4, 5, 3))),
    ):
        with raises(ValueError, when=when):
            submission.run(drive, [(given, {})])
        with raises(ValueError, when=f"{when}, in evaluation"):
            submission.run(drive, [(given, {"training": False})])
    for grad_out in (x[:1], x[0], x[None]):
        when = f"has the shape {grad_out.shape} instead of (3, 3)"
        with raises(ValueError, when=f"grad_out {when}"):
            submission.run(drive, [(x, {})], grad_out=grad_out)
    with raises(RuntimeError, when="backward is called before forward"):
        submission.run(call_backward, x)


def forward_and_backward(module, x, grad_out, training):
    """running_mean[:] = 2, then forward(x, training=training) and backward(grad_out)"""
    layer = module.BatchNorm(3)
    layer.running_mean[:] = 2.0
    y = layer.forward(x, training=training)
    return y, layer.backward(grad_out)


def overwritten(module, x, grad_out):
    """forward(x), then x and the output are overwritten, then backward(grad_out)"""
    layer = module.BatchNorm(3)
    x = x.copy()
    y = layer.forward(x)
    x[:], y[:] = 7.0, -3.0
    return layer.backward(grad_out)


@pytest.mark.edge_case("Arguments")
def test_arguments_are_the_callers(submission, rng):
    """x and grad_out are not written to, and x may be overwritten before backward."""
    x, grad_out = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    submission.probe(forward_and_backward).observe(x, grad_out, False).assert_unchanged()
    seen = submission.probe(forward_and_backward).observe(x, grad_out, True)
    assert_close(seen.value[0], normalise(x, np.ones(3), np.zeros(3)), rtol=1e-7, what="the output")
    seen.assert_unchanged()
    x_hat = normalise(x, np.ones(3), np.zeros(3))
    by_x, by_gamma, _ = submission.run(overwritten, x, grad_out)
    hint = "what backward needs must be kept as a copy"
    expected = (grad_out * x_hat).sum(axis=0)
    assert_close(by_gamma, expected, rtol=1e-7, what="the gradient of gamma once x is overwritten", hint=hint)
    expected = seen.value[1][0]
    assert_close(by_x, expected, rtol=1e-9, what="the gradient of x once x is overwritten", hint=hint)


def large(module, x, grad_out):
    """y = forward(x) and backward(grad_out) of 64 channels"""
    layer = module.BatchNorm(64)
    return layer.forward(x), layer.backward(grad_out)


def large_batch(rng):
    return rng.normal(size=(1024, 64)) * 2 + 1, rng.normal(size=(1024, 64))


def judge_large(result, x, grad_out):
    y, (by_x, by_gamma, _) = result
    deviation = np.sqrt(x.var(axis=0) + 1e-5)
    x_hat = (x - x.mean(axis=0)) / deviation
    assert_close(y, x_hat, rtol=1e-6, what="the output of the large batch")
    assert_close(by_gamma, (grad_out * x_hat).sum(axis=0), rtol=1e-6, what="the gradient of gamma")
    expected = (grad_out - grad_out.mean(axis=0) - x_hat * (grad_out * x_hat).mean(axis=0)) / deviation
    assert_close(by_x, expected, rtol=1e-6, atol=1e-9, what="the gradient of x")


@pytest.mark.performance("Speed")
def test_cpu_time(submission, measure):
    """A large batch takes a few passes over its values, not one for each pair of samples."""
    hint = "the sums through mean and variance are the same for all samples of a channel"
    measure.cpu_ratio(large, large_batch, at_most=12.0, judge=judge_large, hint=hint)
