"""Hidden checks of focal_loss."""

import math

import pytest
import torch

from mlkata.compare import assert_close, assert_dtype, assert_equal, assert_finite, assert_shape, assert_true, raises


def focal(row, target, gamma, weight=1.0):
    """One sample by the formula, in Python floats: `row` holds its logits."""
    top = max(row)
    weights = [math.exp(value - top) for value in row]
    miss = sum(value for place, value in enumerate(weights) if place != target) / sum(weights)
    log_p = row[target] - top - math.log(sum(weights))
    return -weight * miss**gamma * log_p


def focal_rows(logits, targets, gamma, alpha=None):
    rows = zip(logits.double().tolist(), targets.tolist(), strict=True)
    return [focal(row, target, gamma, alpha[target] if alpha else 1.0) for row, target in rows]


def binary(logit, y, gamma, alpha):
    """One element by the formula, in Python floats."""
    p, q = 1 / (1 + math.exp(-logit)), 1 / (1 + math.exp(logit))
    weight = 1.0 if alpha is None else alpha * y + (1 - alpha) * (1 - y)
    return -weight * (1 - (p * y + q * (1 - y))) ** gamma * (y * math.log(p) + (1 - y) * math.log(q))


def slopes(function, values, step=1e-5):
    """Central differences of a function of a list of floats."""
    found = []
    for place in range(len(values)):
        up, down = list(values), list(values)
        up[place] += step
        down[place] -= step
        found.append((function(up) - function(down)) / (2 * step))
    return found


def draw(torch_rng, n, c, *spatial, dtype=torch.float32):
    logits = 2 * torch.randn(n, c, *spatial, generator=torch_rng, dtype=torch.float64)
    targets = torch.randint(c, (n, *spatial), generator=torch_rng)
    return logits.to(dtype), targets


@pytest.mark.correctness("Probabilities", "Gamma")
@pytest.mark.parametrize("gamma", [1.0, 2.0, 3.5])
def test_multi_class_values(submission, torch_rng, gamma):
    """Each sample's loss is -(1 - p_t)^gamma log p_t."""
    logits, targets = draw(torch_rng, 7, 5)
    losses = submission.focal_loss(logits, targets, gamma=gamma, reduction="none")
    assert_close(losses, focal_rows(logits, targets, gamma), rtol=1e-4, atol=1e-6, what="the loss of the samples")


@pytest.mark.correctness("Alpha, multi-class")
def test_alpha_weights_the_target_class(submission, torch_rng):
    """A sample is weighted by the weight of its target class, and the mean does not divide by the weights."""
    logits, _ = draw(torch_rng, 6, 4)
    targets, alpha = torch.tensor([3, 2, 1, 0, 3, 2]), [0.5, 3.0, 0.25, 2.0]
    expected = focal_rows(logits, targets, 2.0, alpha)
    losses = submission.focal_loss(logits, targets, alpha=torch.tensor(alpha), reduction="none")
    assert_close(losses, expected, rtol=1e-4, atol=1e-6, what="the weighted loss of the samples")
    mean = submission.focal_loss(logits, targets, alpha=alpha)
    assert_close(mean, sum(expected) / 6, rtol=1e-4, what="the mean with alpha given as a list")


@pytest.mark.correctness("Reduction", "Shapes")
def test_reductions(submission, torch_rng):
    """Mean, sum and none agree with each other, and the default is the mean."""
    logits, targets = draw(torch_rng, 5, 3)
    expected = focal_rows(logits, targets, 2.0)
    none = submission.focal_loss(logits, targets, reduction="none")
    assert_shape(none, (5,), what="the loss under reduction='none'")
    total = submission.focal_loss(logits, targets, reduction="sum")
    assert_shape(total, (), what="the sum")
    assert_close(total, sum(expected), rtol=1e-4, what="the sum")
    assert_close(submission.focal_loss(logits, targets), sum(expected) / 5, rtol=1e-4, what="the mean")


@pytest.mark.correctness("Shapes", "Reduction", "Alpha, multi-class", "Ignored targets")
@pytest.mark.parametrize("spatial", [(4,), (2, 3), (2, 1, 3)])
def test_spatial_inputs(submission, torch_rng, spatial):
    """With logits (n, c, *spatial) each position is a sample of its own, with its own weight, ignored or not."""
    logits, targets = draw(torch_rng, 3, 4, *spatial)
    flat, alpha = logits.movedim(1, -1).reshape(-1, 4), [0.5, 3.0, 0.25, 2.0]
    expected = torch.tensor(focal_rows(flat, targets.reshape(-1), 1.5)).reshape(targets.shape)
    losses = submission.focal_loss(logits, targets, gamma=1.5, reduction="none")
    assert_close(losses, expected, rtol=1e-4, atol=1e-6, what="the loss of the positions")
    mean = submission.focal_loss(logits, targets, gamma=1.5)
    assert_close(mean, expected.mean(), rtol=1e-4, what="the mean over the positions")
    marked = targets.clone()
    marked[0, ..., :2] = marked[1, ..., 0] = -100
    weighted = expected * torch.tensor(alpha)[targets] * (marked >= 0)
    losses = submission.focal_loss(logits, marked, gamma=1.5, alpha=alpha, reduction="none")
    assert_close(losses, weighted, rtol=1e-4, atol=1e-6, what="the weighted loss of the positions that are kept")
    mean = submission.focal_loss(logits, marked, gamma=1.5, alpha=alpha)
    assert_close(mean, weighted.sum() / (marked >= 0).sum(), rtol=1e-4, what="the mean over the positions kept")


@pytest.mark.correctness("Gradient at p = 1", "Probabilities")
def test_multi_class_gradient(submission, torch_rng):
    """The gradient is that of the whole formula, the factor (1 - p_t)^gamma included."""
    logits, targets = draw(torch_rng, 4, 3, dtype=torch.float64)
    _, grads = submission.focal_loss.value_and_grad(logits, targets, gamma=2.0, reduction="sum", wrt="logits")
    expected = [
        slopes(lambda row, target=target: focal(row, target, 2.0), row)
        for row, target in zip(logits.tolist(), targets.tolist(), strict=True)
    ]
    assert_close(grads["logits"], expected, rtol=1e-4, atol=1e-6, what="the gradient of the logits")


@pytest.mark.correctness("Alpha, sigmoid", "Probabilities", "Shapes")
@pytest.mark.parametrize("alpha", [0.25, 0.9, 0.0, None])
def test_sigmoid_values(submission, torch_rng, alpha):
    """The element-wise form weights target 1 by alpha and target 0 by 1 - alpha."""
    logits = 2 * torch.randn(3, 4, generator=torch_rng)
    targets = torch.tensor([[0.0, 1.0, 1.0, 0.0], [1.0, 0.0, 0.0, 1.0], [0.0, 0.0, 1.0, 1.0]])
    losses = submission.sigmoid_focal_loss(logits, targets, gamma=1.5, alpha=alpha, reduction="none")
    pairs = zip(logits.double().reshape(-1).tolist(), targets.reshape(-1).tolist(), strict=True)
    expected = torch.tensor([binary(logit, y, 1.5, alpha) for logit, y in pairs]).reshape(3, 4)
    assert_close(losses, expected, rtol=1e-4, atol=1e-6, what="the loss of the elements")
    loss = submission.sigmoid_focal_loss(logits[1, 2], targets[1, 2], gamma=1.5, alpha=alpha)
    assert_close(loss, expected[1, 2], rtol=1e-4, atol=1e-6, what="the loss of a 0-d tensor")


@pytest.mark.correctness("Reduction", "Alpha, sigmoid")
def test_sigmoid_reductions_and_gradient(submission, torch_rng):
    """The mean of the element-wise form is over all elements, and its gradient is that of the whole formula."""
    logits = torch.randn(2, 3, generator=torch_rng, dtype=torch.float64)
    targets = torch.tensor([[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]], dtype=torch.float64)
    pairs = list(zip(logits.reshape(-1).tolist(), targets.reshape(-1).tolist(), strict=True))
    expected = [binary(logit, y, 2.0, 0.25) for logit, y in pairs]
    total = submission.sigmoid_focal_loss(logits, targets, reduction="sum")
    assert_shape(total, (), what="the sum")
    assert_close(total, sum(expected), rtol=1e-4, what="the sum")
    mean, grads = submission.sigmoid_focal_loss.value_and_grad(logits, targets, wrt="logits")
    assert_close(mean, sum(expected) / 6, rtol=1e-4, what="the mean")
    slope = [slopes(lambda value, y=y: binary(value[0], y, 2.0, 0.25) / 6, [logit])[0] for logit, y in pairs]
    slope = torch.tensor(slope).reshape(2, 3)
    assert_close(grads["logits"], slope, rtol=1e-4, atol=1e-7, what="the gradient of the mean")


def drive_module(module, logits, targets, options):
    """FocalLoss(**options)(logits, targets), the trainable parameters, and the same after .double()"""
    loss = module.FocalLoss(**options)
    value, n_trained = loss(logits, targets), sum(each.requires_grad for each in loss.parameters())
    return value, n_trained, loss.double()(logits.double(), targets)


@pytest.mark.correctness("Module", "Dtype", "Alpha, multi-class")
def test_module(submission, torch_rng):
    """FocalLoss does what focal_loss does, with every option, passes the gradient on, and trains no alpha."""
    logits, targets = draw(torch_rng, 6, 3)
    targets[2] = 1
    alpha = [0.2, 0.7, 1.6]
    kept = [place for place, target in enumerate(targets.tolist()) if target != 1]
    expected = sum(focal_rows(logits[kept], targets[kept], 1.5, alpha))
    for given in (torch.tensor(alpha), alpha):
        options = {"gamma": 1.5, "alpha": given, "reduction": "sum", "ignore_index": 1}
        value, n_trained, wide = submission.run(drive_module, logits, targets, options)
        assert_close(value, expected, rtol=1e-4, what="the module's loss")
        assert_close(wide, expected, rtol=1e-4, what="the module's loss after module.double()")
        assert_dtype(wide, torch.float64, what="the module's loss of float64 logits")
        assert_equal(n_trained, 0, what="the number of trainable parameters")
    _, grads = submission.probe(module_loss).value_and_grad(logits[:1], targets[:1], wrt="logits")
    slope = slopes(lambda row: focal(row, int(targets[0]), 2.0), logits[0].tolist())
    assert_close(grads["logits"], [slope], rtol=1e-3, atol=1e-5, what="the gradient of the module's loss")


def module_loss(module, logits, targets):
    """FocalLoss()(logits, targets)"""
    return module.FocalLoss()(logits, targets)


@pytest.mark.edge_case("Ignored targets")
def test_ignored_targets(submission, torch_rng):
    """Ignored targets add nothing, get no gradient, and do not count in the mean."""
    logits, _targets = draw(torch_rng, 6, 3)
    for ignore_index in (-100, 1, 255):
        marked = torch.tensor([0, ignore_index, 2, 2, ignore_index, 0])
        kept = [0, 2, 3, 5]
        expected = focal_rows(logits[kept], marked[kept], 2.0)
        options = {"ignore_index": ignore_index}
        mean, grads = submission.focal_loss.value_and_grad(logits, marked, wrt="logits", **options)
        assert_close(mean, sum(expected) / 4, rtol=1e-4, what=f"the mean with ignore_index={ignore_index}")
        total = submission.focal_loss(logits, marked, reduction="sum", **options)
        assert_close(total, sum(expected), rtol=1e-4, what=f"the sum with ignore_index={ignore_index}")
        assert_close(grads["logits"][[1, 4]], torch.zeros(2, 3), what="the gradient of ignored samples")
        assert_true((grads["logits"][kept] != 0).any(), "the samples that are kept must have a gradient")
        none = submission.focal_loss(logits, marked, reduction="none", **options)
        assert_close(none[[1, 4]], [0.0, 0.0], what="the loss of ignored samples")


@pytest.mark.edge_case("Ignored targets")
@pytest.mark.parametrize("n", [3, 0])
def test_nothing_to_average(submission, n):
    """With all targets ignored, or no sample at all, mean and sum are 0 and so is the gradient."""
    logits, targets = torch.linspace(-2, 2, n * 4).reshape(n, 4), torch.full((n,), -100)
    for reduction in ("mean", "sum"):
        value, grads = submission.focal_loss.value_and_grad(logits, targets, reduction=reduction, wrt="logits")
        assert_close(value, 0.0, what=f"the {reduction}")
        assert_close(grads["logits"], torch.zeros(n, 4), what=f"the gradient of the {reduction}")


@pytest.mark.edge_case("Extreme logits")
@pytest.mark.parametrize("scale", [100.0, 1e4])
def test_extreme_logits(submission, scale):
    """Confidently wrong costs the difference of the logits, confidently right costs nothing, and nothing overflows."""
    logits, targets = torch.tensor([[scale, -scale], [-scale, scale], [0.0, scale]]), torch.tensor([1, 1, 0])
    losses, grads = submission.focal_loss.value_and_grad(logits, targets, reduction="none", wrt="logits")
    assert_close(losses, [2 * scale, 0.0, scale], rtol=1e-4, what="the loss of the samples")
    assert_close(grads["logits"], [[1.0, -1.0], [0.0, 0.0], [-1.0, 1.0]], atol=1e-5, what="the gradient of the logits")
    elements, y = torch.tensor([scale, -scale, scale, -scale]), torch.tensor([1.0, 1.0, 0.0, 0.0])
    losses, grads = submission.sigmoid_focal_loss.value_and_grad(
        elements, y, alpha=None, reduction="none", wrt="logits"
    )
    assert_close(losses, [0.0, scale, scale, 0.0], rtol=1e-4, what="the loss of the elements")
    assert_close(grads["logits"], [0.0, -1.0, 1.0, 0.0], atol=1e-5, what="the gradient of the elements")


@pytest.mark.edge_case("Gradient at p = 1")
@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0])
def test_gradient_where_p_is_one(submission, gamma):
    """Where p_t is exactly 1 the loss and its gradient are 0, for gamma below 1 as well."""
    logits, targets = torch.tensor([[200.0, 0.0, -5.0], [1.0, 0.5, -1.0]]), torch.tensor([0, 2])
    losses, grads = submission.focal_loss.value_and_grad(logits, targets, gamma=gamma, reduction="none", wrt="logits")
    assert_finite(grads["logits"], what="the gradient", hint="the slope of x ** gamma at 0 is infinite below gamma = 1")
    assert_close(losses[0], 0.0, atol=1e-6, what="the loss where p_t is 1")
    assert_close(grads["logits"][0], [0.0, 0.0, 0.0], atol=1e-6, what="the gradient where p_t is 1")
    expected = slopes(lambda row: focal(row, 2, gamma), [1.0, 0.5, -1.0])
    assert_close(grads["logits"][1], expected, rtol=1e-3, atol=1e-5, what="the gradient of the other sample")
    elements, y = torch.tensor([200.0, -200.0, 0.5]), torch.tensor([1.0, 0.0, 1.0])
    _, grads = submission.sigmoid_focal_loss.value_and_grad(
        elements, y, gamma=gamma, alpha=None, reduction="sum", wrt="logits"
    )
    slope = slopes(lambda value: binary(value[0], 1.0, gamma, None), [0.5])[0]
    assert_close(grads["logits"], [0.0, 0.0, slope], rtol=1e-3, atol=1e-6, what="the gradient of the element-wise form")


@pytest.mark.edge_case("Gamma", "Alpha, multi-class")
def test_gamma_zero_is_cross_entropy(submission, torch_rng):
    """With gamma = 0 the loss is cross-entropy, weighted by alpha, and its mean does not divide by the weights."""
    logits, targets = draw(torch_rng, 5, 4, dtype=torch.float64)
    losses = submission.focal_loss(logits, targets, gamma=0.0, reduction="none")
    expected = torch.nn.functional.cross_entropy(logits, targets, reduction="none")
    assert_close(losses, expected, rtol=1e-5, what="the loss with gamma = 0")
    alpha = torch.tensor([0.5, 3.0, 0.25, 2.0], dtype=torch.float64)
    mean = submission.focal_loss(logits, targets, gamma=0, alpha=alpha)
    assert_close(mean, (expected * alpha[targets]).mean(), rtol=1e-5, what="the weighted mean with gamma = 0")
    losses = submission.sigmoid_focal_loss(logits[:, 0], (targets == 1).long(), gamma=0, alpha=0.3, reduction="none")
    pairs = zip(logits[:, 0].tolist(), targets.tolist(), strict=True)
    expected = [binary(logit, float(target == 1), 0, 0.3) for logit, target in pairs]
    assert_close(losses, expected, rtol=1e-5, what="the element-wise loss with gamma = 0")


@pytest.mark.edge_case("Soft targets")
def test_soft_and_integer_targets(submission):
    """Targets between 0 and 1 mix both sides, and integer targets serve as well."""
    logits, soft = torch.tensor([-1.5, 0.3, 2.0]), torch.tensor([0.1, 0.75, 0.5])
    losses = submission.sigmoid_focal_loss(logits, soft, alpha=0.3, reduction="none")
    expected = [binary(logit, y, 2.0, 0.3) for logit, y in zip(logits.tolist(), soft.tolist(), strict=True)]
    assert_close(losses, expected, rtol=1e-4, what="the loss with soft targets")
    expected = [binary(logit, y, 2.0, 0.25) for logit, y in zip(logits.tolist(), (1, 0, 1), strict=True)]
    for kind in (torch.int64, torch.uint8):
        losses = submission.sigmoid_focal_loss(logits, torch.tensor([1, 0, 1], dtype=kind), reduction="none")
        assert_close(losses, expected, rtol=1e-4, what=f"the loss with {kind} targets")


@pytest.mark.edge_case("Dtype")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_dtype_follows_the_logits(submission, torch_rng, dtype):
    """The loss has the dtype of the logits, whatever that of alpha, and the values fit its precision."""
    logits, targets = draw(torch_rng, 8, 3, dtype=dtype)
    alpha = [1.0, 0.5, 2.0]
    loss = submission.focal_loss(logits, targets, alpha=torch.tensor(alpha))
    assert_dtype(loss, dtype, what="the loss")
    expected = focal_rows(logits, targets, 2.0, alpha)
    rtol = {torch.float32: 1e-4, torch.float64: 1e-8, torch.bfloat16: 0.05}[dtype]
    assert_close(loss, sum(expected) / 8, rtol=rtol, what="the loss")
    if dtype == torch.float64:
        losses = submission.focal_loss(logits, targets, alpha=alpha, reduction="none")
        assert_close(losses, expected, rtol=rtol, atol=rtol / 10, what="the loss of the samples")
    expected = [binary(logit, 1, 2.0, 0.25) for logit in logits[:, 0].tolist()]
    for kind in (torch.int64, torch.float32, torch.float64):
        y = torch.ones(8, dtype=kind)
        losses = submission.sigmoid_focal_loss(logits[:, 0], y, reduction="none")
        assert_dtype(losses, dtype, what=f"the element-wise loss with {kind} targets")
        assert_close(losses, expected, rtol=rtol, atol=rtol / 10, what=f"the element-wise loss with {kind} targets")
        assert_dtype(submission.sigmoid_focal_loss(logits[:, 0], y), dtype, what=f"the mean with {kind} targets")


@pytest.mark.edge_case("Shapes")
def test_non_contiguous_inputs(submission, torch_rng):
    """Transposed and sliced tensors give the same as contiguous ones."""
    logits, targets = draw(torch_rng, 4, 6)
    turned, sliced = logits.T.contiguous().T, targets.repeat_interleave(2)[::2]
    losses = submission.focal_loss(turned, sliced, reduction="none")
    assert_close(losses, focal_rows(logits, targets, 2.0), rtol=1e-4, atol=1e-6, what="the loss of the samples")
    images = torch.randn(2, 3, 5, generator=torch_rng).permute(0, 2, 1)
    places = torch.randint(5, (3, 2), generator=torch_rng).T
    losses = submission.focal_loss(images, places, reduction="none")
    expected = focal_rows(images.movedim(1, -1).reshape(-1, 5), places.reshape(-1), 2.0)
    assert_close(losses, torch.tensor(expected).reshape(2, 3), rtol=1e-4, atol=1e-6, what="the loss of the positions")
    losses = submission.sigmoid_focal_loss(turned, torch.ones(6, 4).T, reduction="none")
    pairs = [[binary(logit, 1.0, 2.0, 0.25) for logit in row] for row in logits.tolist()]
    assert_close(losses, pairs, rtol=1e-4, atol=1e-6, what="the loss of the elements")


@pytest.mark.edge_case("Reduction", "Module")
def test_unknown_reduction(submission):
    """A reduction that does not exist raises ValueError."""
    logits, targets = torch.tensor([[0.5, -0.5]]), torch.tensor([1])
    with raises(ValueError, when="reduction is 'average'"):
        submission.focal_loss(logits, targets, reduction="average")
    with raises(ValueError, when="reduction of sigmoid_focal_loss is 'average'"):
        submission.sigmoid_focal_loss(logits, torch.tensor([[1.0, 0.0]]), reduction="average")
    with raises(ValueError, when="reduction of FocalLoss is 'average', at the latest in its call"):
        submission.run(drive_module, logits, targets, {"reduction": "average"})


@pytest.mark.edge_case("Arguments")
def test_arguments_stay_as_they_were(submission):
    """Logits, targets and alpha are not written to."""
    logits, targets, alpha = torch.tensor([[0.3, 1.0], [2.0, -1.0]]), torch.tensor([1, -100]), torch.tensor([0.4, 0.6])
    seen = submission.focal_loss.observe(logits, targets, alpha=alpha)
    assert_close(seen.value, focal([0.3, 1.0], 1, 2.0, 0.6), rtol=1e-4, what="the loss")
    seen.assert_unchanged()
    seen = submission.sigmoid_focal_loss.observe(logits, torch.tensor([[1.0, 0.0], [0.0, 1.0]]), reduction="none")
    assert_shape(seen.value, (2, 2), what="the element-wise loss")
    seen.assert_unchanged()
    seen = submission.probe(drive_module).observe(logits, targets, {})
    assert_close(seen.value[0], focal([0.3, 1.0], 1, 2.0), rtol=1e-4, what="the module's loss")
    seen.assert_unchanged()


def image_batch(rng):
    logits = torch.from_numpy(rng.normal(size=(4, 21, 64, 64)).astype("float32"))
    return logits, torch.from_numpy(rng.integers(21, size=(4, 64, 64)))


def judge_images(loss, logits, targets):
    log_p = torch.log_softmax(logits.double(), dim=1).gather(1, targets[:, None]).squeeze(1)
    assert_close(loss, (-((1 - log_p.exp()) ** 2) * log_p).mean(), rtol=1e-3, what="the mean over the images")


@pytest.mark.performance("Speed")
def test_cpu_time(submission, measure):
    """Images are handled whole: no Python loop over samples or pixels."""
    measure.cpu_ratio("focal_loss", image_batch, at_most=12.0, judge=judge_images, hint="work on whole tensors")


def image_batch_on_the_device(rng):
    return tuple(part.cuda() for part in image_batch(rng))


@pytest.mark.gpu("Device")
def test_stays_on_the_device(submission, measure):
    """On CUDA the result stays there, the host never waits, and time and memory are near our own solution's."""
    measure.cuda("focal_loss", image_batch_on_the_device, judge=judge_images, at_most_time=4.0, at_most_memory=4.0)
