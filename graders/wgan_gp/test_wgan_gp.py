"""Hidden checks of wgan_gp."""

import math

import pytest
import torch

from mlkata.compare import assert_close, assert_dtype, assert_equal, assert_finite, assert_shape, assert_true


def make_critic(kind, weights, shape=()):
    """A critic of flattened samples, whose scores have the shape (m, *shape)."""

    def critic(x):
        x = x.transpose(1, -1).flatten(1) if kind == "turned" else x.flatten(1)
        if kind == "linear":
            scores = x @ weights[0]
        elif kind == "square":
            scores = x**2 @ weights[0] / 2
        elif kind == "ramp":
            scores = torch.relu(x @ weights[0])
        else:
            scores = torch.tanh(x @ weights[0] + weights[1]) @ weights[2]
        return scores.reshape(-1, *shape)

    return critic


def scores_by_hand(weights, rows):
    """Scores of the network, row by row."""
    v, b, w = weights
    return [sum(torch.tanh(x @ v[:, j] + b[j]) * w[j] for j in range(len(w))) for x in rows]


def penalty_by_hand(weights, real, fake, alpha):
    """The penalty of the network, by its derivative written out, row by row."""
    (v, b, w), total = weights, 0.0
    for x, y, a in zip(real.flatten(1), fake.flatten(1), alpha, strict=True):
        at = a * x + (1 - a) * y
        slope = sum((1 - torch.tanh(at @ v[:, j] + b[j]) ** 2) * w[j] * v[:, j] for j in range(len(w)))
        total += (math.sqrt((slope**2).sum()) - 1) ** 2
    return total / len(real)


def critic_loss_by_hand(weights, real, fake, alpha, weight):
    up, down = scores_by_hand(weights, fake.flatten(1)), scores_by_hand(weights, real.flatten(1))
    return sum(up) / len(up) - sum(down) / len(down) + weight * penalty_by_hand(weights, real, fake, alpha)


def slopes(function, weights, step=1e-5):
    """Central differences of a function of a list of tensors, as tensors of the same shapes."""
    found = []
    for number, weight in enumerate(weights):
        slope = torch.zeros_like(weight)
        for place in range(weight.numel()):
            ends = []
            for shift in (step, -step):
                moved = [one.clone() for one in weights]
                moved[number].view(-1)[place] += shift
                ends.append(float(function(moved)))
            slope.view(-1)[place] = (ends[0] - ends[1]) / (2 * step)
        found.append(slope)
    return found


def draw(torch_rng, n, *shape, dtype=torch.float64):
    """Real and fake samples, and alpha."""
    real, fake = torch.randn(2, n, *shape, generator=torch_rng, dtype=torch.float64)
    alpha = torch.rand(n, generator=torch_rng, dtype=torch.float64)
    return real.to(dtype), (2 * fake + 1).to(dtype), alpha.to(dtype)


def draw_network(torch_rng, n_features, n_hidden=4):
    v, b = torch.randn(n_features + 1, n_hidden, generator=torch_rng, dtype=torch.float64).split([n_features, 1])
    return [v, b[0], 2 * torch.randn(n_hidden, generator=torch_rng, dtype=torch.float64)]


def penalty_of(module, kind, weights, real, fake, alpha, shape=()):
    """gradient_penalty(critic, real, fake, alpha=alpha), and its gradient by the critic's weights"""
    weights = [weight.clone().requires_grad_() for weight in weights]
    penalty = module.gradient_penalty(make_critic(kind, weights, shape), real, fake, alpha=alpha)
    if not penalty.requires_grad:
        return penalty, None
    return penalty.detach(), torch.autograd.grad(penalty, weights, allow_unused=True)


@pytest.mark.correctness("Penalty", "Shapes")
@pytest.mark.parametrize(("n", "shape"), [(4, (6,)), (1, (5,)), (3, (2, 3, 4)), (2, (2, 1, 3, 2))])
def test_linear_critic(submission, torch_rng, n, shape):
    """A linear critic with weights w has the penalty (|w| - 1)^2 everywhere, for samples of any rank."""
    real, fake, _ = draw(torch_rng, n, *shape)
    direction = torch.randn(math.prod(shape), generator=torch_rng, dtype=torch.float64)
    for length in (3.0, 0.25):
        w = length * direction / direction.norm()
        penalty, _ = submission.run(penalty_of, "linear", [w], real, fake, None)
        assert_shape(penalty, (), what="the penalty")
        assert_close(penalty, (length - 1) ** 2, rtol=1e-5, what=f"the penalty of the critic x @ w with |w| = {length}")


@pytest.mark.correctness("Alpha", "Penalty")
def test_interpolates(submission, torch_rng):
    """The penalty is taken at alpha * real + (1 - alpha) * fake, with the alpha that is given."""
    real, fake, alpha = draw(torch_rng, 5, 2, 3)
    w = torch.rand(6, generator=torch_rng, dtype=torch.float64) + 0.5
    penalty, _ = submission.run(penalty_of, "square", [w], real, fake, alpha)
    total = 0.0
    for x, y, a in zip(real.flatten(1).tolist(), fake.flatten(1).tolist(), alpha.tolist(), strict=True):
        norm = math.sqrt(sum((c * (a * p + (1 - a) * q)) ** 2 for c, p, q in zip(w.tolist(), x, y, strict=True)))
        total += (norm - 1) ** 2
    assert_close(penalty, total / 5, rtol=1e-5, what="the penalty of the critic (x ** 2) @ w / 2")


@pytest.mark.correctness("Gradients", "Penalty")
def test_gradient_by_the_parameters(submission, torch_rng):
    """The penalty's gradient by every weight of a network is that of finite differences."""
    real, fake, alpha = draw(torch_rng, 3, 2, 2)
    weights = draw_network(torch_rng, 4)
    penalty, grads = submission.run(penalty_of, "network", weights, real, fake, alpha)
    assert_close(penalty, penalty_by_hand(weights, real, fake, alpha), rtol=1e-5, what="the penalty of a network")
    assert_true(grads is not None, "the penalty must be differentiable by the critic's weights: its graph is missing")
    expected = slopes(lambda moved: penalty_by_hand(moved, real, fake, alpha), weights)
    for what, one, other in zip(("first weights", "biases", "last weights"), grads, expected, strict=True):
        assert_true(one is not None, f"the penalty must be differentiable by the network's {what}")
        assert_close(one, other, rtol=1e-3, atol=1e-5, what=f"the gradient by the network's {what}")


def draws(module, seed, n_times, real, fake):
    """torch.manual_seed(seed), and n_times gradient_penalty and critic_loss, with half the square norm as critic"""
    torch.manual_seed(seed)
    critic = make_critic("square", [torch.ones(real[0].numel())])
    penalties = [module.gradient_penalty(critic, real, fake).detach() for _ in range(n_times)]
    return penalties, [module.critic_loss(critic, real, fake, weight=1.0).detach() for _ in range(n_times)]


@pytest.mark.correctness("Alpha")
def test_how_alpha_is_drawn(submission, torch_rng):
    """Without alpha each sample gets one uniform number of its own, shared by all its elements."""
    seed = int(torch.randint(2**31, (), generator=torch_rng))
    hint = "is alpha one for each sample: neither one for all, nor one for each element?"
    # The means of (2 u - 1)^2 and (4 u - 1)^2 for uniform u, with six standard errors over 400 samples.
    for length, mean, atol in ((2, 1 / 3, 0.09), (4, 7 / 3, 0.8)):
        # The interpolate is (1 - alpha) * fake: its norm is length * (1 - alpha).
        real, fake = torch.zeros(400, 5, 4), torch.full((400, 5, 4), length / math.sqrt(20))
        penalties, losses = submission.run(draws, seed, 1, real, fake)
        # Scores are 0 for the real samples and half the squared length for the fake ones.
        for penalty in [*penalties, *(loss - length**2 / 2 for loss in losses)]:
            what = f"the mean of ({length} * (1 - alpha) - 1) ** 2"
            assert_close(penalty, mean, rtol=0, atol=atol, what=what, hint=hint)


@pytest.mark.correctness("Alpha")
def test_seeds(submission, torch_rng):
    """The same torch.manual_seed gives the same penalties, and every call draws anew."""
    seed = int(torch.randint(2**31, (), generator=torch_rng))
    real, fake, _ = draw(torch_rng, 6, 3, dtype=torch.float32)
    first = submission.run(draws, seed, 4, real, fake)
    again = submission.run(draws, seed, 4, real, fake)
    for what, one, other in zip(("penalties", "critic's losses"), first, again, strict=True):
        assert_true(len({float(value) for value in one}) > 1, f"every call must draw a new alpha: the {what} are equal")
        assert_close(torch.stack(other), torch.stack(one), what=f"the list of {what} after the same torch.manual_seed")


def critic_loss_of(module, weights, real, fake, options):
    """critic_loss(critic, real, fake, **options), and its gradient by the weights of a network"""
    weights = [weight.clone().requires_grad_() for weight in weights]
    loss = module.critic_loss(make_critic("network", weights), real, fake, **options)
    return loss.detach(), torch.autograd.grad(loss, weights)


@pytest.mark.correctness("Critic loss", "Gradients")
@pytest.mark.parametrize("weight", [10.0, 0.5, 0.0])
def test_critic_loss(submission, torch_rng, weight):
    """The critic's loss is fake minus real plus the weighted penalty, and so is its gradient by the parameters."""
    real, fake, alpha = draw(torch_rng, 3, 3)
    weights = draw_network(torch_rng, 3, 3)
    options = {"alpha": alpha} if weight == 10.0 else {"alpha": alpha, "weight": weight}
    loss, grads = submission.run(critic_loss_of, weights, real, fake, options)
    assert_shape(loss, (), what="the loss of the critic")
    expected = critic_loss_by_hand(weights, real, fake, alpha, weight)
    assert_close(loss, expected, rtol=1e-5, what=f"the loss of the critic with weight={weight}")
    expected = slopes(lambda moved: critic_loss_by_hand(moved, real, fake, alpha, weight), weights)
    for what, one, other in zip(("first weights", "biases", "last weights"), grads, expected, strict=True):
        assert_close(one, other, rtol=1e-3, atol=1e-4, what=f"the gradient by the network's {what}")


def generator_loss_of(module, weights, fake):
    """generator_loss(critic, fake) with a network as critic, and its gradient by fake"""
    fake = fake.clone().requires_grad_()
    loss = module.generator_loss(make_critic("network", weights), fake)
    return loss.detach(), torch.autograd.grad(loss, fake)[0]


@pytest.mark.correctness("Generator loss")
def test_generator_loss(submission, torch_rng):
    """The generator's loss is minus the mean score, and its gradient flows into the fake samples."""
    _, fake, _ = draw(torch_rng, 3, 2, 2)
    weights = draw_network(torch_rng, 4)
    loss, slope = submission.run(generator_loss_of, weights, fake)
    expected = -sum(scores_by_hand(weights, fake.flatten(1))) / 3
    assert_shape(loss, (), what="the loss of the generator")
    assert_close(loss, expected, rtol=1e-5, what="the loss of the generator")
    (expected,) = slopes(lambda moved: -sum(scores_by_hand(weights, moved[0].flatten(1))) / 3, [fake])
    assert_close(slope, expected, rtol=1e-3, atol=1e-6, what="the gradient by the fake samples")


def with_scores_of_shape(module, kind, shape, weights, real, fake, alpha):
    """gradient_penalty, critic_loss and generator_loss, with a critic whose scores have the shape (m, *shape)"""
    critic = make_critic(kind, weights, shape)
    penalty = module.gradient_penalty(critic, real, fake, alpha=alpha)
    losses = module.critic_loss(critic, real, fake, alpha=alpha), module.generator_loss(critic, fake)
    return [one.detach() for one in (penalty, *losses)]


@pytest.mark.edge_case("Critic")
@pytest.mark.parametrize("shape", [(), (1,), (1, 1, 1)])
def test_shapes_of_the_scores(submission, torch_rng, shape):
    """Scores of shape (m,), (m, 1) and (m, 1, 1, 1) give the same losses."""
    real, fake, alpha = draw(torch_rng, 4, 3)
    weights = draw_network(torch_rng, 3)
    found = submission.run(with_scores_of_shape, "network", shape, weights, real, fake, alpha)
    up = sum(scores_by_hand(weights, fake)) / 4
    expected = (
        penalty_by_hand(weights, real, fake, alpha),
        critic_loss_by_hand(weights, real, fake, alpha, 10.0),
        -up,
    )
    shown = f"for scores of shape (m{''.join(', 1' for _ in shape) or ','})"
    for what, one, other in zip(("penalty", "critic's loss", "generator's loss"), found, expected, strict=True):
        assert_shape(one, (), what=f"the {what} {shown}")
        assert_close(one, other, rtol=1e-5, what=f"the {what} {shown}")


@pytest.mark.edge_case("Zero gradient")
def test_flat_critic(submission):
    """Where the critic is flat the penalty is 1 and no gradient is NaN, and the other samples count as ever."""
    points, hint = torch.tensor([[1.0, 1.0], [-1.0, -1.0], [2.0, 0.5]]), "the root of 0 has no slope"
    penalty, slopes_found = submission.run(penalty_of, "linear", [torch.zeros(2)], points, points, None)
    assert_true(slopes_found is not None, "the penalty must be differentiable by the critic's weights")
    (slope,) = slopes_found
    assert_close(penalty, 1.0, atol=1e-3, what="the penalty of a critic that is 0 everywhere")
    assert_finite(slope, what="the gradient by the weights of a critic that is 0 everywhere", hint=hint)
    assert_close(slope, [0.0, 0.0], atol=1e-3, what="the gradient by the weights of a critic that is 0 everywhere")
    # relu(x @ w) is flat at the second sample alone, elsewhere its slope is w with |w| = 5.
    penalty, (slope,) = submission.run(penalty_of, "ramp", [torch.tensor([3.0, 4.0])], points, points, None)
    assert_close(
        penalty, (16 + 1 + 16) / 3, rtol=1e-3, what="the penalty of a critic that is flat at one sample of three"
    )
    what = "the gradient by the weights of a critic that is flat at one sample"
    assert_finite(slope, what=what, hint=hint)
    assert_close(slope, [2 / 3 * 8 * 0.6, 2 / 3 * 8 * 0.8], rtol=1e-3, what=what)


def gradients_of_samples(module, weights, real, fake, alpha):
    """critic_loss and gradient_penalty of samples that come from a graph, and their gradients by these"""
    found = []
    for function in (module.gradient_penalty, module.critic_loss):
        leaves = [real.clone().requires_grad_(), fake.clone().requires_grad_()]
        moving = [w.clone().requires_grad_() for w in weights]
        loss = function(make_critic("network", moving), leaves[0] * 1.0, leaves[1] * 1.0, alpha=alpha)
        grads = torch.autograd.grad(loss, leaves, allow_unused=True) if loss.requires_grad else None
        found.append((loss.detach(), grads))
    return found


@pytest.mark.edge_case("Constants")
def test_no_gradient_reaches_the_samples(submission, torch_rng):
    """Penalty and critic loss send no gradient to real and fake samples, even where these require one."""
    real, fake, alpha = draw(torch_rng, 3, 3)
    weights = draw_network(torch_rng, 3)
    (penalty, by_penalty), (loss, by_loss) = submission.run(gradients_of_samples, weights, real, fake, alpha)
    expected = penalty_by_hand(weights, real, fake, alpha)
    assert_close(penalty, expected, rtol=1e-5, what="the penalty of samples that require a gradient")
    expected = critic_loss_by_hand(weights, real, fake, alpha, 10.0)
    assert_close(loss, expected, rtol=1e-5, what="the critic's loss of samples that require a gradient")
    for what, grads in (("penalty", by_penalty), ("critic's loss", by_loss)):
        assert_true(grads is not None, f"the {what} must be differentiable by the critic's parameters")
        for name, grad in zip(("real", "fake"), grads, strict=True):
            broken = f"no gradient of the {what} may reach {name}: it is a constant here"
            assert_true(grad is None or not grad.any(), broken)


def traces(module, weights, real, fake, alpha):
    """The three losses; then every .grad and requires_grad that they could have touched"""
    weights = [weight.requires_grad_() for weight in weights]
    for weight in weights:
        weight.grad = torch.full_like(weight, 7.0)
    critic = make_critic("network", weights)
    losses = [
        module.gradient_penalty(critic, real, fake, alpha=alpha),
        module.critic_loss(critic, real, fake, alpha=alpha),
        module.generator_loss(critic, fake),
    ]
    grads = [weight.grad for weight in weights]
    samples = (real, fake, alpha)
    return [one.detach() for one in losses], grads, [one.requires_grad or one.grad is not None for one in samples]


@pytest.mark.edge_case("Side effects")
def test_nothing_is_left_behind(submission, torch_rng):
    """No argument is written to, none begins to require a gradient, and every .grad stays as it was."""
    real, fake, alpha = draw(torch_rng, 3, 4)
    weights = draw_network(torch_rng, 4)
    seen = submission.probe(traces).observe(weights, real, fake, alpha)
    losses, grads, touched = seen.value
    expected = penalty_by_hand(weights, real, fake, alpha)
    assert_close(losses[0], expected, rtol=1e-5, what="the penalty")
    for grad in grads:
        broken = "the .grad of the critic's parameters must stay as it was: use torch.autograd.grad, not backward"
        assert_true(grad is not None and bool((grad == 7).all()), broken)
    assert_equal(touched, [False] * 3, what="whether real, fake and alpha require a gradient or have one")
    for name, before in (("1", real), ("2", fake), ("3", alpha)):
        assert_equal(
            seen.after[name], before, what=f"argument {('real', 'fake', 'alpha')[int(name) - 1]} after the calls"
        )


@pytest.mark.edge_case("Dtype", "Alpha")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_dtypes(submission, torch_rng, dtype):
    """The critic is called with the samples' dtype, which the losses keep, also where alpha is drawn."""
    real, fake, alpha = draw(torch_rng, 4, 2, 3, dtype=dtype)
    w = torch.tensor([2.0, -1.0, 2.0, 0.5, 1.0, -2.0], dtype=dtype)
    expected = (math.sqrt(4 + 1 + 4 + 0.25 + 1 + 4) - 1) ** 2
    for share in (alpha, None):
        penalty, _ = submission.run(penalty_of, "linear", [w], real, fake, share)
        assert_dtype(penalty, dtype, what=f"the penalty of {dtype} samples")
        rtol = {torch.float32: 1e-5, torch.float64: 1e-9, torch.bfloat16: 0.05}[dtype]
        assert_close(penalty, expected, rtol=rtol, what=f"the penalty of {dtype} samples")
        _, critic, generator = submission.run(with_scores_of_shape, "linear", (), [w], real, fake, share)
        assert_dtype(critic, dtype, what=f"the critic's loss of {dtype} samples")
        assert_dtype(generator, dtype, what=f"the generator's loss of {dtype} samples")


@pytest.mark.edge_case("Shapes")
def test_non_contiguous_samples(submission, torch_rng):
    """Samples that lie in memory in another order give the same penalty, and so do their gradients."""
    real, fake, alpha = draw(torch_rng, 4, 2, 3)
    weights = draw_network(torch_rng, 6)
    turned, strided = real.transpose(0, 2).contiguous().transpose(0, 2), fake.repeat_interleave(2, 0)[::2]
    penalty, _ = submission.run(penalty_of, "network", weights, turned, strided, alpha.expand(2, 4)[1])
    expected = penalty_by_hand(weights, real, fake, alpha)
    assert_close(penalty, expected, rtol=1e-5, what="the penalty of non-contiguous samples")
    penalty, _ = submission.run(penalty_of, "turned", weights, real, fake, alpha)
    expected = penalty_by_hand(weights, real.transpose(1, 2), fake.transpose(1, 2), alpha)
    assert_close(penalty, expected, rtol=1e-5, what="the penalty of a critic with non-contiguous gradients")


def step_of_critic(module, w, real, fake):
    """critic_loss(critic, real, fake), and its gradient by w, for the critic x @ w"""
    w = w.clone().requires_grad_()
    loss = module.critic_loss(make_critic("linear", [w]), real, fake)
    return loss.detach(), torch.autograd.grad(loss, w)[0]


def images_on_the_device(rng):
    real, fake = torch.from_numpy(rng.standard_normal((2, 64, 3, 64, 64), dtype="float32"))
    w = torch.from_numpy(rng.standard_normal(3 * 64 * 64, dtype="float32")) / 50
    return w.cuda(), real.cuda(), fake.cuda()


def judge_step(found, w, real, fake):
    w, real, fake = (part.double().cpu() for part in (w, real, fake))
    gap = (fake - real).flatten(1).mean(0)
    norm = w.norm()
    assert_close(found[0], gap @ w + 10 * (norm - 1) ** 2, rtol=1e-3, atol=1e-3, what="the loss on the device")
    expected = gap + 20 * (norm - 1) * w / norm
    assert_close(found[1], expected, rtol=1e-2, atol=1e-3, what="the gradient on the device")


@pytest.mark.gpu("Device")
def test_stays_on_the_device(submission, measure):
    """On CUDA everything stays there, the host never waits, and time and memory are near our own solution's."""
    measure.cuda(step_of_critic, images_on_the_device, judge=judge_step, at_most_time=4.0, at_most_memory=4.0)
