"""Hidden checks of vae."""

import math

import pytest
import torch

from mlkata.compare import assert_close, assert_dtype, assert_equal, assert_finite, assert_shape, assert_true, raises


def entropy(logit, x):
    """Binary cross-entropy of one pixel, in Python floats."""
    return max(logit, 0.0) - logit * x + math.log1p(math.exp(-abs(logit)))


def divergence(mu, log_var):
    """KL of one sample, in Python floats: lists of its latent means and log-variances."""
    return sum((m * m + math.exp(v) - 1 - v) / 2 for m, v in zip(mu, log_var, strict=True))


def losses_of(logits, x, mu, log_var, beta):
    """The loss of each sample by the formulas."""
    rows = zip(*(part.double().flatten(1).tolist() for part in (logits, x, mu, log_var)), strict=True)
    return [sum(map(entropy, one, pixels)) + beta * divergence(m, v) for one, pixels, m, v in rows]


def draw(torch_rng, n, shape, n_latent, dtype=torch.float32):
    """Logits, soft pixels, mu and log_var."""
    logits = 2 * torch.randn(n, *shape, generator=torch_rng, dtype=torch.float64)
    x = torch.rand(n, *shape, generator=torch_rng, dtype=torch.float64)
    mu, log_var = torch.randn(2, n, n_latent, generator=torch_rng, dtype=torch.float64)
    return [part.to(dtype) for part in (logits, x, mu, log_var)]


def new_seed(torch_rng):
    return int(torch.randint(2**31, (), generator=torch_rng))


def filled(module, seed, *sizes):
    """A model whose parameters are drawn anew: initial values are free, and may be zeros."""
    model = module.VAE(*sizes)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for p in model.parameters():
            p.uniform_(-0.5, 0.5, generator=generator)
    return model


def sample_with(module, seed, mu, log_var):
    """torch.manual_seed(seed); reparameterize(mu, log_var)"""
    torch.manual_seed(seed)
    return module.reparameterize(mu, log_var)


@pytest.mark.correctness("Sample")
def test_distribution_of_the_sample(submission, torch_rng):
    """The sample has mean mu and variance exp(log_var), and each element has normal noise of its own."""
    mu = 3 * torch.randn(200, 50, generator=torch_rng)
    log_var = torch.linspace(-3, 2, 10_000).reshape(200, 50)
    z = submission.run(sample_with, new_seed(torch_rng), mu, log_var)
    assert_shape(z, (200, 50), what="the sample")
    noise = (z.double() - mu) / (log_var.double() / 2).exp()
    # Six standard errors each: no right answer comes near.
    assert_close(noise.mean(), 0.0, atol=0.06, what="the mean of (z - mu) / sigma over 10000 elements")
    variance = noise.square().mean()
    assert_close(
        variance, 1.0, atol=0.085, rtol=0, what="the variance of (z - mu) / sigma", hint="sigma is exp(log_var / 2)"
    )
    kurtosis = noise.pow(4).mean() / variance**2
    assert_close(kurtosis, 3.0, atol=0.3, rtol=0, what="the kurtosis of (z - mu) / sigma", hint="a normal one has 3")
    hint = "each element needs noise of its own"
    assert_close(noise.mean(1), torch.zeros(200), atol=0.9, what="the mean noise of each sample", hint=hint)
    assert_close(noise.mean(0), torch.zeros(50), atol=0.43, what="the mean noise of each column", hint=hint)


@pytest.mark.correctness("Sample")
def test_gradient_of_the_sample(submission, torch_rng):
    """The gradient by mu is 1 and that by log_var is (z - mu) / 2, element by element."""
    parts = torch.randn(3, 4, 3, 2, generator=torch_rng, dtype=torch.float64)
    # Three axes, not contiguous; one axis; none.
    for mu, log_var, weights in (parts.transpose(1, 3), parts[:, 0, 0], parts[:, 1, 1, 1]):
        z, grads = submission.reparameterize.value_and_grad(mu, log_var, wrt=("mu", "log_var"), cotangent=weights)
        assert_shape(z, mu.shape, what="the sample")
        assert_true(((z - mu).abs() > 1e-9).all(), "every element of the sample must have noise")
        assert_close(grads["mu"], weights, rtol=1e-6, what="the gradient by mu")
        assert_close(grads["log_var"], weights * (z - mu) / 2, rtol=1e-5, what="the gradient by log_var")


def seeded_samples(module, mu, log_var, seeds):
    """reparameterize(mu, log_var, generator=...) with three seeds, the last twice; did torch's global state move?"""
    before, found = torch.get_rng_state(), []
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        found.append(module.reparameterize(mu, log_var, generator=generator))
    found.append(module.reparameterize(mu, log_var, generator=generator))
    still = torch.equal(before, torch.get_rng_state())
    return found, still


@pytest.mark.correctness("Generator")
def test_seeds(submission, torch_rng):
    """A generator in the same state gives the same sample, another seed another one, and None is torch's global one."""
    mu, log_var, seed = torch.zeros(3, 4), torch.zeros(3, 4), new_seed(torch_rng)
    (one, two, other, later), still = submission.run(seeded_samples, mu, log_var, (seed, seed, seed + 1))
    assert_true((one != 0).all(), "every element of the sample must have noise")
    assert_equal(two, one, what="the sample of a second generator with the same seed")
    assert_true((one != other).any(), "generators with different seeds must give different samples")
    assert_true((later != other).any(), "a second call with the same generator must draw new noise")
    assert_true(still, "torch's global random state must not move where a generator is given")
    first = submission.run(sample_with, seed, mu, log_var)
    assert_equal(submission.run(sample_with, seed, mu, log_var), first, what="the sample after the same manual_seed")
    assert_true((submission.reparameterize(mu, log_var) != first).any(), "every call must draw new noise")


@pytest.mark.correctness("KL")
def test_kl_values(submission, torch_rng):
    """The divergence is that of the closed form, summed over the latent axis, one number a sample."""
    mu, log_var = 2 * torch.randn(2, 5, 3, generator=torch_rng, dtype=torch.float64)
    one = torch.distributions.Normal(mu, (log_var / 2).exp())
    expected = torch.distributions.kl_divergence(one, torch.distributions.Normal(0.0, 1.0)).sum(1)
    assert_close(submission.kl_to_standard_normal(mu, log_var), expected, rtol=1e-6, what="the KL divergence")
    same = submission.kl_to_standard_normal(torch.zeros(2, 4), torch.zeros(2, 4))
    assert_close(same, [0.0, 0.0], atol=1e-6, what="the KL divergence of the standard normal itself")
    wide = submission.kl_to_standard_normal(torch.zeros(1, 2), torch.tensor([[12.0, 24.0]]))
    assert_close(wide, [divergence((0, 0), (12, 24))], rtol=1e-4, what="the KL divergence of a wide normal")


@pytest.mark.correctness("Loss", "Reconstruction", "Reduction")
def test_loss_values(submission, torch_rng):
    """Pixels and latents of a sample are summed, KL is weighted by beta, and the mean is over samples."""
    parts = draw(torch_rng, 4, (7,), 3)
    for beta in (1.0, 0.25, 0.0):
        expected = losses_of(*parts, beta)
        losses = submission.negative_elbo(*parts, beta=beta, reduction="none")
        assert_close(losses, expected, rtol=1e-4, what=f"the loss of each sample with beta={beta}")
    expected = losses_of(*parts, 1.0)
    assert_close(submission.negative_elbo(*parts), sum(expected) / 4, rtol=1e-4, what="the loss (mean is the default)")
    total = submission.negative_elbo(*parts, beta=1.0, reduction="sum")
    assert_close(total, sum(expected), rtol=1e-4, what="the sum of the losses")


@pytest.mark.correctness("Gradients", "Loss")
def test_gradients_of_the_loss(submission, torch_rng):
    """The mean loss has the gradients (sigmoid - x) / n, beta mu / n and beta (exp(log_var) - 1) / (2 n)."""
    logits, x, mu, log_var = draw(torch_rng, 5, (4,), 2, torch.float64)
    _, grads = submission.negative_elbo.value_and_grad(
        logits, x, mu, log_var, beta=0.5, wrt=("logits", "mu", "log_var")
    )
    assert_close(grads["logits"], (1 / (1 + (-logits).exp()) - x) / 5, rtol=1e-5, what="the gradient by logits")
    assert_close(grads["mu"], 0.5 * mu / 5, rtol=1e-5, what="the gradient by mu")
    assert_close(grads["log_var"], 0.25 * (log_var.exp() - 1) / 5, rtol=1e-5, what="the gradient by log_var")


def model_facts(module, seed, x, z):
    """VAE(9, 30, 24) with biases of 0: encode and decode of x, 2 * x, z, 2 * z; the number of parameters"""
    model = filled(module, seed, 9, 30, 24)
    with torch.no_grad():
        for p in model.parameters():
            if p.dim() == 1:
                p.zero_()
        both = [*model.encode(x), *model.encode(2 * x), model.decode(z), model.decode(2 * z)]
    return both, sum(p.numel() for p in model.parameters())


def one_unit(module, seed, x, z):
    """VAE(9, 1, 24): encode of -2, -1, 1 and 2 times x, and decode of these multiples of z"""
    model = filled(module, seed, 9, 1, 24)
    with torch.no_grad():
        return [[*model.encode(factor * x), model.decode(factor * z)] for factor in (-2, -1, 1, 2)]


@pytest.mark.correctness("Model")
def test_layers_of_the_model(submission, torch_rng):
    """Encoder and decoder have the layers asked for, ReLU between them, and nothing behind them."""
    x, z = torch.randn(9, 6, generator=torch_rng).T, torch.randn(24, 6, generator=torch_rng).T
    found, n_parameters = submission.run(model_facts, new_seed(torch_rng), x, z)
    for what, one, double, n_columns in (
        ("mu", found[0], found[2], 24),
        ("log_var", found[1], found[3], 24),
        ("the tensor of logits", found[4], found[5], 9),
    ):
        assert_shape(one, (6, n_columns), what=what)
        assert_true(
            (one < 0).any() and (one > 0).any(), f"{what} must take both signs: nothing may follow the last layer"
        )
        hint = "without biases, ReLU between two linear layers doubles with its input"
        assert_close(double, 2 * one, rtol=1e-3, atol=1e-5, what=f"{what} for doubled inputs", hint=hint)
    along = submission.run(one_unit, new_seed(torch_rng), 1e6 * x[:1].sign(), 1e6 * z[:1].sign())
    for what, far, near, other_near, other_far in zip(("mu", "log_var", "the tensor of logits"), *along, strict=True):
        still = [bool((one == two).all()) for one, two in ((far, near), (other_far, other_near))]
        assert_true(
            sum(still) == 1, f"with one hidden unit {what} must be constant on one side and slope on the other: ReLU"
        )
    expected = (9 * 30 + 30) + 2 * (30 * 24 + 24) + (24 * 30 + 30) + (30 * 9 + 9)
    assert_equal(n_parameters, expected, what="the number of trainable parameters of VAE(9, 30, 24)")


def modes(module, seed, x):
    """VAE(6, 20, 3): in eval() two calls and decode(mu); in train() calls with two seeds; and encode(x)"""
    torch.manual_seed(seed)
    model = filled(module, seed, 6, 20, 3).eval()
    with torch.no_grad():
        still = [model(x), model(x), model.decode(model.encode(x)[0])]
        model.train()
        before = torch.get_rng_state()
        moving = [model(x, generator=torch.Generator().manual_seed(s))[0] for s in (seed, seed, seed + 1)]
        untouched = torch.equal(before, torch.get_rng_state())
        moving.append(model(x)[0])
    return still, moving, list(model.encode(x)), untouched


def encoded(module, seed, x):
    """VAE(5, 40, 2).encode(x)"""
    return [part.detach() for part in filled(module, seed, 5, 40, 2).encode(x)]


def decoded_samples(module, seed, x, z):
    """VAE(5, 40, 2): decode(z), and in training mode the logits of x, whose rows repeat"""
    torch.manual_seed(seed)
    model = filled(module, seed, 5, 40, 2).train()
    with torch.no_grad():
        return model.decode(z), model(x)[0]


def distance(one, other):
    """The largest distance between the empirical distributions of two columns (Kolmogorov and Smirnov)."""
    grid = torch.cat([one, other])
    below = [torch.searchsorted(part.sort().values, grid, right=True) / len(part) for part in (one, other)]
    return float((below[0] - below[1]).abs().max())


@pytest.mark.correctness("Modes", "Generator")
def test_training_and_evaluation_mode(submission, torch_rng):
    """In evaluation mode mu is decoded, in training mode a sample, drawn from the generator that is given."""
    x = torch.rand(5, 6, generator=torch_rng)
    (one, two, decoded), (first, same, other, free), (mu, log_var), untouched = submission.run(
        modes, new_seed(torch_rng), x
    )
    assert_close(one[0], decoded, rtol=1e-5, what="the tensor of logits in evaluation mode", hint="decode mu itself")
    assert_close(two[0], one[0], rtol=1e-6, what="the tensor of logits of a second call in evaluation mode")
    assert_close(one[1], mu, rtol=1e-5, what="mu, the second value that forward returns")
    assert_close(one[2], log_var, rtol=1e-5, what="log_var, the third value that forward returns")
    assert_equal(same, first, what="the tensor of logits of a second generator with the same seed")
    for what, logits in (("another seed", other), ("no generator", free), ("evaluation mode", decoded)):
        different = (first - logits).abs().amax(dim=1) > 1e-6
        assert_true(different.all(), f"in training mode a sample is decoded: logits must differ from those with {what}")
    assert_true(untouched, "torch's global random state must not move where a generator is given")
    seed, rows = new_seed(torch_rng), 3 * torch.randn(3, 5, generator=torch_rng)
    mu, log_var = (part.repeat_interleave(4000, 0) for part in submission.run(encoded, seed, rows))
    z = mu + (log_var / 2).exp() * torch.randn(mu.shape, generator=torch_rng)
    expected, found = submission.run(decoded_samples, seed, rows.repeat_interleave(500, 0), z)
    # Six standard errors of the statistic: no right answer comes near.
    for one, other in zip(found.split(500), expected.split(4000), strict=True):
        apart = max(distance(*columns) for columns in zip(one.T.contiguous(), other.T.contiguous(), strict=True))
        assert_true(
            apart < 0.145, "in training mode logits must be distributed like those of mu + exp(log_var / 2) * noise"
        )


def slopes_of_model(module, seed, x, weights, training, step):
    """VAE(4, 32, 3).double(): sums of logits * weights, mu**2 and log_var**2, their gradients by x, and slopes"""
    model = filled(module, seed, 4, 32, 3).double().train(training)

    def scores(at):
        logits, mu, log_var = model(at, generator=torch.Generator().manual_seed(seed))
        return torch.stack([(logits * weights).sum(), mu.square().sum(), log_var.square().sum()])

    leaf, gradients, around = x.clone().requires_grad_(), [], []
    for score in scores(leaf).unbind():
        flows = score.requires_grad
        gradients.append(torch.autograd.grad(score, leaf, retain_graph=True, allow_unused=True)[0] if flows else None)
    with torch.no_grad():
        for place in range(x.numel()):
            shift = torch.zeros_like(x).view(-1)
            shift[place] = step
            around.append([scores(x + shift.view_as(x)), scores(x - shift.view_as(x))])
    return gradients, around


@pytest.mark.correctness("Gradients", "Model")
def test_gradient_through_the_sample(submission, torch_rng):
    """With the noise held fixed, the gradients of what forward returns by x are those of finite differences."""
    x, weights = torch.randn(2, 2, 4, generator=torch_rng, dtype=torch.float64)
    for training in (True, False):
        gradients, around = submission.run(slopes_of_model, new_seed(torch_rng), x, weights, training, 1e-6)
        slopes = torch.stack([(up - down) / 2e-6 for up, down in around], dim=1)
        mode = "training" if training else "evaluation"
        for what, found, expected in zip(("the logits", "mu", "log_var"), gradients, slopes, strict=True):
            assert_true(found is not None, f"no gradient by x flows through {what} in {mode} mode")
            what = f"the gradient of {what} by x in {mode} mode"
            assert_close(found.reshape(-1), expected, rtol=1e-4, atol=1e-6, what=what)
            assert_true((found != 0).any(), f"{what} must not vanish")


@pytest.mark.edge_case("Extreme values")
@pytest.mark.parametrize("scale", [100.0, 1e4])
def test_extreme_logits(submission, scale):
    """A confidently wrong pixel costs the size of its logit, a confidently right one nothing."""
    logits, x = torch.tensor([[scale, -scale], [scale, -scale], [scale, scale]]), torch.tensor([[1, 0], [0, 1], [1, 0]])
    nothing = torch.zeros(3, 2)
    losses, grads = submission.negative_elbo.value_and_grad(
        logits, x.float(), nothing, nothing, reduction="none", wrt="logits"
    )
    assert_close(losses, [0.0, 2 * scale, scale], rtol=1e-4, atol=1e-4, what="the loss of each sample")
    expected = [[0.0, 0.0], [1.0, -1.0], [0.0, 1.0]]
    assert_close(grads["logits"], expected, atol=1e-5, what="the gradient by logits")


@pytest.mark.edge_case("Extreme values")
@pytest.mark.parametrize("low", [-100.0, -300.0])
def test_tiny_variances(submission, low):
    """Where the variance underflows the KL stays about -log_var / 2, the sample is mu, and no gradient is NaN."""
    mu, log_var = torch.tensor([[2.0, -1.0], [0.5, 3.0]]), torch.tensor([[low, 0.0], [low, low / 2]])
    kl, grads = submission.kl_to_standard_normal.value_and_grad(mu, log_var, wrt=("mu", "log_var"))
    expected = [(4 - 1 - low + 1) / 2, (0.25 - 1 - low + 9 - 1 - low / 2) / 2]
    assert_close(kl, expected, rtol=1e-5, what="the KL divergence")
    assert_close(grads["mu"], mu, rtol=1e-5, what="the gradient of the KL by mu")
    assert_close(grads["log_var"], [[-0.5, 0.0], [-0.5, -0.5]], atol=1e-6, what="the gradient of the KL by log_var")
    z, grads = submission.reparameterize.value_and_grad(mu, log_var, wrt=("mu", "log_var"))
    assert_finite(grads["log_var"], what="the gradient of the sample by log_var", hint="the root of 0 has no slope")
    tiny = torch.tensor([[True, False], [True, True]])
    assert_close(z[tiny], mu[tiny], what="the sample where the variance is next to nothing")
    still = submission.reparameterize(torch.zeros(1, 3), torch.full((1, 3), low))
    assert_close(still, torch.zeros(1, 3), atol=1e-12, what="the sample around 0 where the variance is next to nothing")
    assert_close(grads["mu"], torch.ones(2, 2), what="the gradient of the sample by mu")


def dtype_of_model(module, x):
    """VAE(6, 5, 2).to(x.dtype).train()(x)"""
    return module.VAE(6, 5, 2).to(x.dtype).train()(x)


@pytest.mark.edge_case("Dtype")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_dtypes(submission, torch_rng, dtype):
    """Sample, divergence, loss and model keep the dtype, and the values fit its precision."""
    logits, x, mu, log_var = draw(torch_rng, 3, (6,), 2, dtype)
    assert_dtype(submission.reparameterize(mu, log_var), dtype, what=f"the sample for {dtype}")
    rtol = {torch.float32: 1e-4, torch.float64: 1e-9, torch.bfloat16: 0.05}[dtype]
    kl = submission.kl_to_standard_normal(mu, log_var)
    assert_dtype(kl, dtype, what="the KL divergence")
    expected = [divergence(m, v) for m, v in zip(mu.tolist(), log_var.tolist(), strict=True)]
    assert_close(kl, expected, rtol=rtol, atol=rtol, what="the KL divergence")
    loss = submission.negative_elbo(logits, x, mu, log_var)
    assert_dtype(loss, dtype, what="the loss")
    assert_close(loss, sum(losses_of(logits, x, mu, log_var, 1.0)) / 3, rtol=rtol, what="the loss")
    for part, what in zip(submission.run(dtype_of_model, x), ("the tensor of logits", "mu", "log_var"), strict=True):
        assert_dtype(part, dtype, what=f"{what} of a model of dtype {dtype}")


@pytest.mark.edge_case("Reconstruction", "Arguments")
@pytest.mark.parametrize("n", [4, 1])
def test_images_and_layouts(submission, torch_rng, n):
    """Images are summed over all their axes, for one sample too, and need not be contiguous."""
    logits, x, mu, log_var = draw(torch_rng, n, (2, 3, 5), 4)
    expected = losses_of(logits, x, mu, log_var, 1.0)
    found = submission.negative_elbo(logits, x, mu, log_var, reduction="none")
    assert_close(found, expected, rtol=1e-4, what="the loss of each image")
    turned = [part.transpose(0, -1).contiguous().transpose(0, -1) for part in (logits, x, mu, log_var)]
    assert_close(
        submission.negative_elbo(*turned), sum(expected) / n, rtol=1e-4, what="the loss of non-contiguous images"
    )


@pytest.mark.edge_case("Reconstruction")
@pytest.mark.parametrize("dtype", [torch.int64, torch.uint8, torch.float64])
def test_pixels_of_another_dtype(submission, torch_rng, dtype):
    """Pixels may be integers, or of another float dtype than the logits, whose dtype the loss keeps."""
    logits, _, mu, log_var = draw(torch_rng, 3, (4,), 2)
    x = torch.tensor([[1, 0, 0, 1], [0, 0, 1, 0], [1, 1, 1, 0]]).to(dtype)
    loss = submission.negative_elbo(logits, x, mu, log_var, reduction="sum")
    assert_close(loss, sum(losses_of(logits, x, mu, log_var, 1.0)), rtol=1e-4, what=f"the loss of {dtype} pixels")
    assert_dtype(loss, torch.float32, what="the loss")


@pytest.mark.edge_case("Reduction")
def test_unknown_reduction(submission):
    """A reduction that does not exist raises ValueError."""
    one = torch.ones(1, 2)
    for reduction in ("batchmean", "Mean", None):
        with raises(ValueError, when=f"reduction is {reduction!r}"):
            submission.negative_elbo(one, one, one, one, reduction=reduction)


def drive_model(module, x, z):
    """VAE(6, 5, 2): encode(x), decode(z) and, in training mode, a call with x"""
    model = module.VAE(6, 5, 2)
    return [*model.encode(x), model.decode(z), *model(x)]


@pytest.mark.edge_case("Arguments")
def test_arguments_stay_as_they_were(submission, torch_rng):
    """No argument is written to."""
    logits, x, mu, log_var = draw(torch_rng, 3, (6,), 2)
    seen = submission.reparameterize.observe(mu, log_var)
    assert_shape(seen.value, (3, 2), what="the sample")
    seen.assert_unchanged()
    seen = submission.kl_to_standard_normal.observe(mu, log_var)
    assert_shape(seen.value, (3,), what="the KL divergence")
    seen.assert_unchanged()
    seen = submission.negative_elbo.observe(logits, x, mu, log_var)
    assert_close(seen.value, sum(losses_of(logits, x, mu, log_var, 1.0)) / 3, rtol=1e-4, what="the loss")
    seen.assert_unchanged()
    seen = submission.probe(drive_model).observe(x, mu)
    assert_shape(seen.value[2], (3, 6), what="what decode returns")
    seen.assert_unchanged()


def loss_of_model(module, x):
    """VAE(784, 256, 32).train() on the device of x: logits, mu, log_var, and negative_elbo of them"""
    with torch.device(x.device):
        model = module.VAE(784, 256, 32).train()
    logits, mu, log_var = model(x)
    return logits, mu, log_var, module.negative_elbo(logits, x, mu, log_var)


def images_on_the_device(rng):
    return (torch.from_numpy(rng.random((256, 784), dtype="float32")).cuda(),)


def judge_loss(found, x):
    logits, mu, log_var, loss = (part.detach().double().cpu() for part in found)
    pixels = torch.nn.functional.binary_cross_entropy_with_logits(logits, x.double().cpu(), reduction="sum")
    kl = ((mu**2 + log_var.exp() - 1 - log_var) / 2).sum()
    assert_close(loss, (pixels + kl) / len(x), rtol=1e-3, what="the loss on the device")


@pytest.mark.gpu("Device")
def test_stays_on_the_device(submission, measure):
    """On CUDA noise and results stay there, the host never waits, and time and memory are near our own solution's."""
    measure.cuda(loss_of_model, images_on_the_device, judge=judge_loss, at_most_time=4.0, at_most_memory=4.0)
