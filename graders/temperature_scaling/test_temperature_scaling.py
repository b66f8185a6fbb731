"""Hidden checks of temperature_scaling."""

import math

import pytest
import torch

from mlkata.compare import assert_close, assert_dtype, assert_equal, assert_finite, assert_shape, assert_true, raises

T_LEAST, T_MOST = 1e-4, 1e6


def nll(logits, targets, t):
    """Mean negative log-likelihood at temperature t, in float64."""
    return float(torch.nn.functional.cross_entropy(logits.detach().double() / t, targets))


def best_temperature(logits, targets):
    """Golden section search of the NLL over log T: it falls, then rises."""
    low, high, golden = math.log(T_LEAST), math.log(T_MOST), (math.sqrt(5) - 1) / 2
    for _ in range(70):
        a, b = high - golden * (high - low), low + golden * (high - low)
        if nll(logits, targets, math.exp(a)) <= nll(logits, targets, math.exp(b)):
            high = b
        else:
            low = a
    return math.exp((low + high) / 2)


def assert_temperature(log_t, expected, where=""):
    assert_shape(log_t, (), what="log_temperature")
    assert_finite(log_t, what=f"log_temperature{where}")
    assert_close(math.exp(float(log_t)), expected, rtol=0.005, what=f"the temperature{where}")


def assert_good_enough(log_t, logits, targets, where):
    """T is in the range, and its NLL nearly the least there."""
    assert_finite(log_t, what=f"log_temperature{where}")
    t = math.exp(float(log_t))
    inside = T_LEAST * 0.999 <= t <= T_MOST * 1.001
    assert_true(inside, f"the temperature{where} lies outside of the range from 1e-4 to 1e6", f"T = {t:.4g}")
    least = min(nll(logits, targets, 10 ** (step / 4)) for step in range(-16, 25))
    found = nll(logits, targets, t)
    broken = f"another temperature of the range has a lower NLL{where}"
    assert_true(found <= least + 1e-4, broken, f"T = {t:.4g}: NLL {found:.6g}, the least is {least:.6g}")


def drive_fit(module, logits, targets):
    """scaler = TemperatureScaler().fit(logits, targets): its log_temperature, and scaler(logits)"""
    scaler = module.TemperatureScaler()
    scaler.fit(logits, targets)
    return scaler.log_temperature.detach(), scaler(logits).detach()


def draw(torch_rng, n=80, c=4, scale=3.0):
    """Logits, and targets drawn from their softmax: honest, then made `scale` times too confident."""
    logits = 1.5 * torch.randn(n, c, generator=torch_rng, dtype=torch.float64)
    targets = torch.multinomial(logits.softmax(dim=1), 1, generator=torch_rng)[:, 0]
    lowest = logits.argmin(dim=1)
    targets[:3] = lowest[:3]  # some are wrong, so that the least NLL is at a T above 0
    targets[3:12] = logits.argmax(dim=1)[3:12]
    return (scale * logits).float(), targets


@pytest.mark.correctness("Fit", "Parameter", "Precision")
@pytest.mark.parametrize("scale", [0.3, 1.0, 4.0])
def test_temperature(submission, torch_rng, scale):
    """T is where the mean NLL is least, whether the logits are too confident or not confident enough."""
    for c in (2, 5):
        logits, targets = draw(torch_rng, c=c, scale=scale)
        log_t, scaled = submission.run(drive_fit, logits, targets)
        expected = best_temperature(logits, targets)
        assert_temperature(log_t, expected, f" of {c} classes")
        assert_close(scaled, logits / math.exp(float(log_t)), rtol=1e-4, atol=1e-5, what="the array of scaled logits")


@pytest.mark.correctness("Fit")
@pytest.mark.parametrize("factor", [5.0, 2.0, 0.5, 0.1])
def test_temperature_by_hand(submission, factor):
    """Where 9 of 12 are right at logits [factor * ln 9, 0, 0, 0], the odds ask for T = factor."""
    logits = torch.zeros(12, 4)
    places = torch.arange(12) % 4
    logits[torch.arange(12), places] = factor * math.log(9.0)
    targets = places.clone()
    targets[:3] = (places[:3] + 1) % 4
    log_t, _ = submission.run(drive_fit, logits, targets)
    assert_temperature(log_t, factor, f" where T = {factor:g} is right")


@pytest.mark.correctness("Scaling", "Parameter")
def test_scaling_keeps_the_predictions(submission, torch_rng):
    """All logits are divided by the same T: no prediction changes, for logits of any shape."""
    logits, targets = draw(torch_rng, n=60, c=5)
    log_t, scaled = submission.run(drive_fit, logits, targets)
    assert_close(scaled, logits / best_temperature(logits, targets), rtol=0.006, what="the array of scaled logits")
    assert_equal(scaled.argmax(dim=1), logits.argmax(dim=1), what="the array of predictions after scaling")

    images = torch.randn(2, 3, 7, 5, generator=torch_rng)
    one, _ = submission.run(drive_scale, logits, targets, images[0, 0, 0])
    turned, log_other = submission.run(drive_scale, logits, targets, images)
    assert_close(turned, images / math.exp(float(log_other)), rtol=1e-4, atol=1e-6, what="the array of scaled images")
    assert_close(one, turned[0, 0, 0], atol=1e-6, what="the array of scaled logits of one sample, of shape (c,)")
    assert_equal(turned.argmax(dim=-1), images.argmax(dim=-1), what="the array of predictions of images")
    assert_close(log_other, log_t, atol=1e-5, what="log_temperature of a second scaler")


def drive_scale(module, logits, targets, others):
    """scaler = TemperatureScaler().fit(logits, targets); scaler.eval(): scaler(others), its log_temperature"""
    scaler = module.TemperatureScaler()
    scaler.fit(logits, targets)
    scaler.eval()
    return scaler(others).detach(), scaler.log_temperature.detach()


def drive_unfitted(module, logits):
    """scaler = TemperatureScaler(): log_temperature, its type, scaler(logits), the names of state_dict()"""
    scaler = module.TemperatureScaler()
    is_parameter = isinstance(scaler.log_temperature, torch.nn.Parameter) and scaler.log_temperature.requires_grad
    names = [name for name, _ in scaler.named_parameters()]
    return scaler.log_temperature.detach(), is_parameter, scaler(logits).detach(), names, list(scaler.state_dict())


@pytest.mark.correctness("Parameter", "Scaling")
def test_before_fit(submission, torch_rng):
    """A new scaler has log_temperature 0, a trainable parameter, and leaves logits as they are."""
    logits = torch.randn(3, 4, generator=torch_rng)
    log_t, is_parameter, scaled, names, keys = submission.run(drive_unfitted, logits)
    assert_shape(log_t, (), what="log_temperature")
    assert_close(log_t, 0.0, what="log_temperature of a new scaler")
    assert_true(is_parameter, "log_temperature must be a torch.nn.Parameter that requires a gradient")
    assert_close(scaled, logits, what="the array of logits scaled by a new scaler")
    assert_equal(names, ["log_temperature"], what="the list of parameters")
    assert_equal(keys, ["log_temperature"], what="the list of entries of state_dict()")


def drive_twice(module, first, second):
    """scaler.fit(*first); scaler.fit(*second) is scaler; log_temperature after each, is it trainable?"""
    scaler = module.TemperatureScaler()
    scaler.fit(*first)
    before = scaler.log_temperature.detach().clone()
    chained = scaler.fit(*second) is scaler
    trainable = scaler.log_temperature.requires_grad and isinstance(scaler.log_temperature, torch.nn.Parameter)
    return chained, before, scaler.log_temperature.detach(), trainable


@pytest.mark.correctness("Fit")
def test_second_fit(submission, torch_rng):
    """fit returns the scaler, and a second fit forgets the first one."""
    first, second = draw(torch_rng, scale=6.0), draw(torch_rng, n=90, c=3, scale=0.4)
    chained, one, two, trainable = submission.run(drive_twice, first, second)
    assert_true(chained, "fit must return the scaler itself")
    assert_temperature(one, best_temperature(*first), " after the first fit")
    assert_temperature(two, best_temperature(*second), " after the second fit")
    assert_true(trainable, "log_temperature must be a parameter that requires a gradient after fit too")
    for sign, targets in ((1, "right"), (-1, "wrong")):
        extreme = sign * 1e3 * torch.eye(3), torch.arange(3)
        _, _, two, _ = submission.run(drive_twice, extreme, second)
        assert_temperature(two, best_temperature(*second), f" after a first fit where all is {targets}")


def drive_reload(module, logits, targets, others):
    """other = TemperatureScaler(); other.load_state_dict(TemperatureScaler().fit(...).state_dict()); other(others)"""
    scaler, other = module.TemperatureScaler(), module.TemperatureScaler()
    scaler.fit(logits, targets)
    other.load_state_dict(scaler.state_dict())
    return other(others).detach()


@pytest.mark.correctness("Parameter")
def test_save_and_load(submission, torch_rng):
    """A fresh scaler that loads the state of a fitted one scales like it."""
    logits, targets = draw(torch_rng)
    others = torch.randn(5, 4, generator=torch_rng)
    scaled = submission.run(drive_reload, logits, targets, others)
    expected = others / best_temperature(logits, targets)
    assert_close(scaled, expected, rtol=0.006, atol=1e-6, what="the array of logits scaled after loading")


def drive_gradients(module, logits, targets, others, weights):
    """(scaler(others) * weights).sum().backward(): the gradients of others and log_temperature, and log_temperature"""
    scaler = module.TemperatureScaler()
    scaler.fit(logits, targets)
    scaler.zero_grad()
    others = others.clone().requires_grad_()
    (scaler(others) * weights).sum().backward()
    return others.grad, scaler.log_temperature.grad, scaler.log_temperature.detach()


@pytest.mark.correctness("Gradients", "Parameter")
def test_gradients(submission, torch_rng):
    """The gradient of scaled logits is 1/T for the logits, and minus the scaled logits for log T."""
    logits, targets = draw(torch_rng, scale=2.5)
    others, weights = (torch.randn(3, 4, generator=torch_rng, dtype=torch.float64) for _ in range(2))
    of_logits, of_log_t, log_t = submission.run(drive_gradients, logits, targets, others, weights)
    t = math.exp(float(log_t))
    assert_temperature(log_t, best_temperature(logits, targets))
    assert_true(of_logits is not None, "no gradient reaches the logits")
    assert_close(of_logits, weights / t, rtol=1e-4, atol=1e-6, what="the gradient of the logits")
    assert_true(of_log_t is not None, "no gradient reaches log_temperature")
    expected = -(others * weights).sum() / t
    assert_close(of_log_t, expected, rtol=1e-4, atol=1e-5, what="the gradient of log_temperature")


@pytest.mark.edge_case("Large logits", "Range")
@pytest.mark.parametrize("factor", [1e-2, 30.0, 1e3])
def test_size_of_the_logits(submission, torch_rng, factor):
    """Logits that are a thousand times as large have a T a thousand times as large, and nothing overflows."""
    logits, targets = draw(torch_rng, scale=1.0)
    expected = factor * best_temperature(logits, targets)
    log_t, scaled = submission.run(drive_fit, factor * logits, targets)
    assert_temperature(log_t, expected, f" of logits times {factor:g}")
    assert_close(scaled, factor * logits / math.exp(float(log_t)), rtol=1e-3, what="the array of scaled logits")


@pytest.mark.edge_case("Large logits")
def test_confidently_wrong(submission):
    """Logits of 10,000 that are wrong one time in five are brought down to odds of four to one."""
    targets = torch.tensor([0, 1, 0, 1, 1])
    logits = torch.tensor([[1e4, 0.0], [0.0, 1e4], [1e4, 0.0], [0.0, 1e4], [1e4, 0.0]])
    log_t, _ = submission.run(drive_fit, logits, targets)
    assert_temperature(log_t, 1e4 / math.log(4.0), " of logits of 10,000")
    log_t, _ = submission.run(drive_fit, logits - 5e3, targets)
    assert_temperature(log_t, 1e4 / math.log(4.0), " of logits of 5,000 and -5,000")


@pytest.mark.edge_case("Precision", "Scaling")
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32, torch.float64])
def test_dtypes(submission, torch_rng, dtype):
    """Low precision logits are fitted as the numbers that they are, and scaled logits keep the dtype."""
    logits, targets = draw(torch_rng, n=300, scale=3.0)
    logits = logits.to(dtype)
    log_t, scaled = submission.run(drive_fit, logits, targets)
    assert_dtype(scaled, dtype, what="the array of scaled logits")
    assert_temperature(log_t, best_temperature(logits, targets), f" of {dtype} logits")
    rtol = 0.02 if dtype in (torch.bfloat16, torch.float16) else 1e-4
    expected = logits.double() / math.exp(float(log_t))
    assert_close(scaled, expected, rtol=rtol, atol=1e-3, what="the array of scaled logits")
    assert_true(log_t.dtype in (torch.float32, torch.float64), "log_temperature must be float32 or float64")


@pytest.mark.edge_case("Range")
@pytest.mark.parametrize("size", [0.05, 3.0, 1e4])
def test_all_correct(submission, size):
    """Where every sample is classified correctly, T falls, but stays a number in the range."""
    logits = size * torch.tensor([[1.0, 0.0, -1.0], [0.2, 0.9, -0.3], [0.1, 0.0, 0.4], [2.0, 1.0, 0.0]])
    for n in (4, 1):
        targets = torch.tensor([0, 1, 2, 0])[:n]
        log_t, scaled = submission.run(drive_fit, logits[:n], targets)
        assert_good_enough(log_t, logits[:n], targets, f" of {n} correct samples")
        expected = logits[:n].double() / math.exp(float(log_t))
        assert_close(scaled, expected, rtol=1e-3, what="the array of scaled logits")


@pytest.mark.edge_case("Range")
@pytest.mark.parametrize("size", [0.05, 3.0, 1e3])
def test_worse_than_chance(submission, size):
    """Where the logits know less than nothing, T rises, but stays a number in the range."""
    logits = size * torch.tensor([[1.0, 0.0, -1.0], [0.2, 0.9, -0.3], [0.1, 0.0, 0.4], [2.0, 1.0, 0.0]])
    for n in (4, 1):
        targets = torch.tensor([2, 2, 1, 2])[:n]
        log_t, _ = submission.run(drive_fit, logits[:n], targets)
        assert_good_enough(log_t, logits[:n], targets, f" of {n} wrong samples")


@pytest.mark.edge_case("Range", "Scaling")
def test_equal_logits(submission):
    """Logits that are all equal, and those of a single class, say nothing about T: any T of the range will do."""
    log_t, _ = submission.run(drive_fit, torch.tensor([[0.5], [-2.0]]), torch.tensor([0, 0]))
    assert_good_enough(log_t, torch.tensor([[0.5], [-2.0]]), torch.tensor([0, 0]), " of a single class")
    logits, targets = torch.full((4, 3), 2.5), torch.tensor([0, 1, 2, 2])
    log_t, scaled = submission.run(drive_fit, logits, targets)
    assert_good_enough(log_t, logits, targets, " of equal logits")
    assert_close(scaled, logits / math.exp(float(log_t)), rtol=1e-4, what="the array of scaled logits")


def drive_no_grad(module, logits, targets):
    """with torch.no_grad(): TemperatureScaler().fit(logits, targets).log_temperature; torch.is_grad_enabled()"""
    scaler = module.TemperatureScaler()
    with torch.no_grad():
        scaler.fit(logits, targets)
        switched_on = torch.is_grad_enabled()
    return scaler.log_temperature.detach(), scaler.log_temperature.requires_grad, switched_on


def drive_requires_grad(module, logits, targets):
    """logits.requires_grad_(); TemperatureScaler().fit(logits * 1.0, targets) and .fit(logits, targets); logits.grad"""
    logits = logits.clone().requires_grad_()
    scaler = module.TemperatureScaler()
    scaler.fit(logits * 1.0, targets)
    scaler.fit(logits, targets)
    gradient = logits.grad
    logits.grad = torch.ones_like(logits)
    scaler.fit(logits, targets)
    return scaler.log_temperature.detach(), gradient, logits.grad, logits.requires_grad


@pytest.mark.edge_case("Gradients")
def test_gradients_switched_off_or_on(submission, torch_rng):
    """fit works under torch.no_grad() and with logits that require a gradient, and leaves none behind in them."""
    logits, targets = draw(torch_rng)
    expected = best_temperature(logits, targets)
    log_t, trainable, switched_on = submission.run(drive_no_grad, logits, targets)
    assert_temperature(log_t, expected, " fitted under torch.no_grad()")
    assert_true(trainable, "log_temperature must require a gradient after fit under torch.no_grad()")
    assert_true(not switched_on, "fit must leave gradients switched off where they were")
    log_t, gradient, kept, required = submission.run(drive_requires_grad, logits, targets)
    assert_temperature(log_t, expected, " of logits that require a gradient")
    assert_true(gradient is None, "fit must not leave a gradient behind in the logits")
    assert_close(kept, torch.ones_like(logits), what="the gradient that the logits had before fit")
    assert_true(required, "logits must require a gradient after fit as before")


@pytest.mark.edge_case("Fit", "Arguments")
def test_non_contiguous_logits(submission, torch_rng):
    """Transposed logits and strided targets give the same T, and neither is written to."""
    logits, targets = draw(torch_rng)
    turned, strided = logits.T.contiguous().T, targets.repeat_interleave(2)[::2]
    seen = submission.probe(drive_fit).observe(turned, strided)
    seen.assert_unchanged()
    assert_temperature(seen.value[0], best_temperature(logits, targets))


@pytest.mark.edge_case("Errors")
@pytest.mark.parametrize(
    ("logits", "targets", "when"),
    [
        (torch.empty(0, 3), torch.empty(0, dtype=torch.int64), "there are no samples"),
        (torch.ones(3), torch.tensor([0, 1, 2]), "the logits have one dimension"),
        (torch.ones(2, 3, 4), torch.tensor([0, 1]), "the logits have three dimensions"),
        (torch.ones(3, 2), torch.tensor([0, 1]), "there is a target too few"),
        (torch.ones(3, 2), torch.tensor([0, 1, 1, 0]), "there is a target too many"),
        (torch.ones(3, 2), torch.tensor([0, 1, 2]), "a target is as large as the number of classes"),
        (torch.ones(3, 2), torch.tensor([0, 1, -1]), "a target is -1"),
        (torch.ones(3, 2), torch.tensor([0, 1, -100]), "a target is -100"),
        (torch.tensor([[0.0, math.nan], [1.0, 0.0]]), torch.tensor([0, 1]), "a logit is NaN"),
        (torch.tensor([[0.0, -math.inf], [1.0, 0.0]]), torch.tensor([0, 1]), "a logit is minus infinity"),
        (torch.tensor([[0.0, 1.0], [math.inf, 0.0]]), torch.tensor([0, 1]), "a logit is infinity"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_input(submission, logits, targets, when):
    """Input that makes no sense raises ValueError."""
    with raises(ValueError, when=when):
        submission.run(drive_fit, logits, targets)
