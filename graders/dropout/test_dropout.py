"""Hidden checks of dropout."""

import itertools
import math

import pytest
import torch

from mlkata.compare import assert_close, assert_dtype, assert_equal, assert_finite, assert_shape, assert_true, raises


def draw(torch_rng, *shape, dtype=torch.float32):
    """Values between 1 and 2, half of them negative: none is near 0."""
    signs = torch.randint(2, shape, generator=torch_rng) * 2 - 1
    return ((1 + torch.rand(shape, generator=torch_rng, dtype=torch.float64)) * signs).to(dtype)


def assert_dropped(y, x, p, what, rtol=1e-5):
    """Each element is 0 or x / (1 - p)."""
    assert_shape(y, x.shape, what=what)
    expected = torch.where(y == 0, torch.zeros((), dtype=torch.float64), x.double() / (1 - p))
    hint = "an element is 0, or it is divided by 1 - p"
    assert_close(y, expected, rtol=rtol, what=what, hint=hint)


def assert_share(zeros, p, what, hint=""):
    """The share of True is p, within six standard deviations."""
    atol = 6 * math.sqrt(p * (1 - p) / zeros.numel())
    assert_close(zeros.double().mean(), p, rtol=0, atol=atol, what=f"the share of zeros {what}", hint=hint)


@pytest.mark.correctness("Training")
@pytest.mark.parametrize("p", [0.2, 0.5, 0.75])
def test_scale_of_what_is_kept(submission, torch_rng, p):
    """An element is either 0 or divided by 1 - p."""
    x = draw(torch_rng, 30, 40)
    y = submission.dropout(x, p)
    assert_dropped(y, x, p, f"the result with p={p}")
    assert_true((y == 0).any() and (y != 0).any(), "some elements must be dropped, and some must be kept")


@pytest.mark.correctness("Training")
def test_share_of_zeros(submission, torch_rng):
    """The share of elements that are dropped is p, by default one half."""
    x = draw(torch_rng, 100, 200)
    for p in (0.1, 0.35, 0.9):
        hint = "p is the probability of being dropped"
        assert_share(submission.dropout(x, p) == 0, p, f"with p={p}", hint=hint)
    assert_share(submission.dropout(x) == 0, 0.5, "by default")


@pytest.mark.correctness("Independence")
@pytest.mark.parametrize("shape", [(24000,), (150, 160), (20, 30, 40), (8, 10, 15, 20)])
def test_elements_are_independent(submission, torch_rng, shape):
    """Whether an element is dropped says nothing about its neighbours, along any axis."""
    zeros = submission.dropout(draw(torch_rng, *shape), 0.3) == 0
    for axis in range(len(shape)):
        n = zeros.shape[axis]
        both = zeros.narrow(axis, 0, n - 1) & zeros.narrow(axis, 1, n - 1)
        # Neighbouring pairs overlap, which makes their share vary a little more.
        atol = 8 * math.sqrt(0.09 * 0.91 / both.numel())
        what = f"the share of neighbours along axis {axis} that are both dropped"
        assert_close(both.double().mean(), 0.09, rtol=0, atol=atol, what=what)


def repeat(module, x, p, n):
    """dropout(x, p), n times; which elements were 0"""
    return torch.stack([module.dropout(x, p) == 0 for _ in range(n)])


@pytest.mark.correctness("Independence")
def test_calls_differ(submission, torch_rng):
    """Each call draws anew, and the number of zeros varies from call to call."""
    zeros = submission.run(repeat, draw(torch_rng, 8, 16), 0.5, 40)
    assert_share(zeros, 0.5, "over 40 calls")
    assert_true(len(set(map(tuple, zeros.flatten(1).tolist()))) == 40, "two calls dropped the same elements")
    counts = set(zeros.flatten(1).sum(dim=1).tolist())
    assert_true(len(counts) > 1, "the number of zeros must vary: elements are drawn independently")


@pytest.mark.correctness("Eval", "Training")
@pytest.mark.parametrize("p", [0.3, 1.0])
def test_eval(submission, torch_rng, p):
    """With training=False the values stay as they are, and with training=True they do not."""
    x = draw(torch_rng, 6, 7)
    assert_equal(submission.dropout(x, p, training=False), x, what="the result with training=False")
    assert_true((submission.dropout(x, p, training=True) == 0).any(), "with training=True some elements must be 0")


def drive_module(module, x, p):
    """Sequential(Dropout(p)) in train mode (twice), in eval mode, in train mode under no_grad; how much it stores"""
    layer = module.Dropout(p)
    net = torch.nn.Sequential(layer)
    net.train()
    trained = [net(x), net(x)]
    net.eval()
    evaluated = net(x)
    net.train()
    with torch.no_grad():
        trained.append(net(x))
    return trained, evaluated, len(list(layer.parameters())), len(layer.state_dict())


@pytest.mark.correctness("Module", "Eval")
def test_module(submission, torch_rng):
    """The module drops in train mode, anew in each call, with gradients or without, and is idle in eval mode."""
    x = draw(torch_rng, 60, 50)
    trained, evaluated, n_parameters, n_stored = submission.run(drive_module, x, 0.2)
    for y in trained:
        assert_dropped(y, x, 0.2, "the module's result in train mode")
        assert_share(y == 0, 0.2, "in train mode")
    for one, other in itertools.pairwise(trained):
        assert_true(not torch.equal(one, other), "two calls in train mode must drop different elements")
    assert_share(submission.run(default_layer, x) == 0, 0.5, "of the module by default")
    assert_equal(evaluated, x, what="the module's result in eval mode")
    assert_equal(n_parameters + n_stored, 0, what="the number of parameters and stored tensors")


def module_gradient(module, x, upstream, p, training=True):
    """y = Dropout(p).train(training)(x), y.backward(upstream); y and x.grad"""
    x = x.clone().requires_grad_()
    y = module.Dropout(p).train(training)(x)
    y.backward(upstream)
    return y.detach(), x.grad


@pytest.mark.correctness("Gradient", "Eval")
def test_gradient(submission, torch_rng):
    """The gradient is multiplied by the same factors as the values, which are 1 without training."""
    x, upstream = draw(torch_rng, 20, 30), draw(torch_rng, 20, 30)
    hint = "the backward pass must use the mask and the scale of the forward pass"
    y, grads = submission.dropout.value_and_grad(x, 0.4, wrt="x")
    assert_dropped(y, x, 0.4, "the result")
    assert_close(grads["x"], y / x, rtol=1e-4, what="the gradient of the sum", hint=hint)
    y, grad = submission.run(module_gradient, x, upstream, 0.7)
    assert_dropped(y, x, 0.7, "the module's result")
    assert_close(grad, y / x * upstream, rtol=1e-4, what="the gradient through the module", hint=hint)
    _, grads = submission.dropout.value_and_grad(x, 0.4, training=False, wrt="x")
    assert_equal(grads["x"], torch.ones_like(x), what="the gradient of the sum with training=False")
    _, grad = submission.run(module_gradient, x, upstream, 0.7, training=False)
    assert_equal(grad, upstream, what="the gradient through the module in eval mode")


@pytest.mark.edge_case("Edges of p")
@pytest.mark.parametrize("p", [0, 0.0, 1, 1.0])
def test_edges_of_p(submission, torch_rng, p):
    """With p = 0 nothing changes, with p = 1 everything is 0, and so is the gradient."""
    x, upstream = draw(torch_rng, 5, 6), draw(torch_rng, 5, 6)
    y, grads = submission.dropout.value_and_grad(x, p, wrt="x")
    assert_finite(y, what=f"the result with p={p}", hint="1 / (1 - p) is infinite for p = 1")
    assert_equal(y, x * (1 - p), what=f"the result with p={p}")
    assert_equal(grads["x"], torch.full_like(x, 1 - p), what=f"the gradient with p={p}")
    y, grad = submission.run(module_gradient, x, upstream, p)
    assert_equal(y, x * (1 - p), what=f"the module's result with p={p}")
    assert_equal(grad, upstream * (1 - p), what=f"the gradient through the module with p={p}")


def with_generators(module, x, p, seeds):
    """dropout(x, p, generator=g) twice for g of each seed; which elements were 0, did the global state change?"""
    before = torch.get_rng_state()
    rows = []
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        rows.append(torch.stack([module.dropout(x, p, generator=generator) == 0 for _ in range(2)]))
    return torch.stack(rows), torch.equal(before, torch.get_rng_state())


@pytest.mark.edge_case("Generator")
def test_generator(submission, torch_rng):
    """A generator alone decides: its state gives the mask, moves on, and the global one stays as it was."""
    x = draw(torch_rng, 30, 40)
    zeros, untouched = submission.run(with_generators, x, 0.4, [5, 5, 6])
    assert_share(zeros, 0.4, "over six calls")
    assert_true(torch.equal(zeros[0], zeros[1]), "two generators with the same seed must drop the same elements")
    assert_true(not torch.equal(zeros[0, 0], zeros[0, 1]), "the next call with a generator must drop other elements")
    assert_true(not torch.equal(zeros[0, 0], zeros[2, 0]), "another seed must drop other elements")
    assert_true(untouched, "the global generator must stay as it was if one is given")


def with_manual_seed(module, x, p, seed):
    """torch.manual_seed(seed), dropout(x, p), Dropout(p)(x), and both again; which elements were 0"""
    rows = []
    for _ in range(2):
        torch.manual_seed(seed)
        rows.append(torch.stack([module.dropout(x, p) == 0, module.Dropout(p)(x) == 0]))
    return torch.stack(rows)


@pytest.mark.edge_case("Generator", "Module")
def test_global_seed(submission, torch_rng):
    """Without a generator the global seed makes a run repeatable, and nothing seeds it anew."""
    x = draw(torch_rng, 30, 40)
    zeros = submission.run(with_manual_seed, x, 0.4, 7)
    assert_share(zeros, 0.4, "over four calls")
    assert_true(torch.equal(zeros[0], zeros[1]), "torch.manual_seed must make dropout repeatable")
    assert_true(not torch.equal(zeros[0, 0], zeros[0, 1]), "the call after it must drop other elements")
    other = submission.run(with_manual_seed, x, 0.4, 8)
    for place, name in enumerate(("function", "module")):
        broken = f"with another global seed the {name} must drop other elements"
        assert_true(not torch.equal(zeros[0, place], other[0, place]), broken)


def without_training(module, x, p):
    """dropout(x, p, training=False, generator=g), Dropout(p).eval()(x); both results, and is every state as before?"""
    generator = torch.Generator().manual_seed(3)
    before = torch.get_rng_state(), generator.get_state()
    results = module.dropout(x, p, training=False, generator=generator), module.Dropout(p).eval()(x)
    return *results, torch.equal(before[0], torch.get_rng_state()) and torch.equal(before[1], generator.get_state())


@pytest.mark.edge_case("Eval")
def test_eval_draws_nothing(submission, torch_rng):
    """Without training no random number is drawn, neither from the generator nor from the global one."""
    x = draw(torch_rng, 4, 5)
    one, other, untouched = submission.run(without_training, x, 0.4)
    assert_equal(one, x, what="the result with training=False")
    assert_equal(other, x, what="the module's result in eval mode")
    assert_true(untouched, "without training no random number may be drawn")


@pytest.mark.edge_case("Dtype")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.float16])
def test_dtypes(submission, torch_rng, dtype):
    """The result has the dtype of x, and the share of zeros is p."""
    x = draw(torch_rng, 100, 120, dtype=dtype)
    y = submission.dropout(x, 0.3)
    assert_dtype(y, dtype, what="the result")
    rtol = {torch.float32: 1e-5, torch.float64: 1e-9, torch.bfloat16: 0.02, torch.float16: 0.004}[dtype]
    assert_dropped(y, x, 0.3, "the result", rtol=rtol)
    assert_share(y == 0, 0.3, f"in {dtype}")


@pytest.mark.edge_case("Dtype")
def test_rare_zeros_in_bfloat16(submission):
    """A p of 0.001 drops one element in a thousand in bfloat16 as well."""
    y = submission.dropout(torch.ones(500, 1000, dtype=torch.bfloat16), 0.001)
    hint = "draw in float32: random numbers in bfloat16 are too coarse"
    assert_close((y == 0).double().mean(), 0.001, rtol=0, atol=0.0003, what="the share of zeros", hint=hint)


def of_a_number(module, x, p, n):
    """dropout(x, p) of a 0-d tensor, n times; and of an empty one"""
    return torch.stack([module.dropout(x, p) for _ in range(n)]), module.dropout(torch.ones(0, 3), p)


@pytest.mark.edge_case("Shapes", "Independence")
def test_shapes_and_layouts(submission, torch_rng):
    """0-d, empty, transposed, spaced out and expanded tensors are handled element by element."""
    numbers, empty = submission.run(of_a_number, torch.tensor(1.5), 0.25, 64)
    assert_dropped(numbers, torch.full((64,), 1.5), 0.25, "the result of a 0-d tensor")
    assert_true((numbers == 0).any() and (numbers != 0).any(), "a 0-d tensor must be dropped in some of 64 calls")
    assert_shape(empty, (0, 3), what="the result of an empty tensor")
    x = draw(torch_rng, 40, 60)
    for name, view in (("transposed", x.T), ("spaced out", x[:, ::3])):
        y = submission.dropout(view, 0.25)
        assert_dropped(y, view, 0.25, f"the result of a {name} tensor")
        assert_share(y == 0, 0.25, f"in a {name} tensor")


def expanded(module, row, n, p):
    """x = row.expand(n, -1), dropout(x, p), and row afterwards"""
    return module.dropout(row.expand(n, -1), p), row


@pytest.mark.edge_case("Shapes", "Arguments")
def test_expanded_tensors(submission, torch_rng):
    """In an expanded tensor each element is drawn by itself, and the memory behind it is not written to."""
    row = draw(torch_rng, 80)
    y, left = submission.run(expanded, row.clone(), 50, 0.25)
    assert_dropped(y, row.expand(50, 80), 0.25, "the result")
    assert_share(y == 0, 0.25, "in an expanded tensor")
    alike = (y == y[0]).all(dim=0).double().mean()
    assert_true(alike < 0.1, "the rows of an expanded tensor must be drawn independently")
    assert_equal(left, row, what="the tensor that was expanded")


def layer(module, x, p):
    """Dropout(p)(x)"""
    return module.Dropout(p)(x)


def construct(module, p):
    """Dropout(p)"""
    module.Dropout(p)


def default_layer(module, x):
    """Dropout()(x)"""
    return module.Dropout()(x)


@pytest.mark.edge_case("Arguments")
def test_arguments_stay_as_they_were(submission, torch_rng):
    """x is not written to, in any of the ways to call it."""
    x = draw(torch_rng, 20, 30)
    for p in (0.5, 1.0):
        for target in (submission.dropout, submission.probe(layer)):
            seen = target.observe(x, p)
            assert_true((seen.value == 0).any(), "some elements must be dropped")
            seen.assert_unchanged()


@pytest.mark.edge_case("Errors")
@pytest.mark.parametrize("p", [-0.1, 1.1, 30, -1e-9])
def test_bad_probabilities(submission, p):
    """A p that is no probability raises ValueError, in function and module."""
    x = torch.ones(4)
    for training in (True, False):
        with raises(ValueError, when=f"p is {p} and training is {training}"):
            submission.dropout(x, p, training=training)
    with raises(ValueError, when=f"p of the module is {p}: it is refused by the constructor"):
        submission.run(construct, p)


def drop_and_back(module, x):
    """y = dropout(x, 0.25) + Dropout(0.25)(x), y.backward(ones); y and x.grad"""
    x = x.detach().requires_grad_()
    y = module.dropout(x, 0.25) + module.Dropout(0.25)(x)
    y.backward(torch.ones_like(y))
    return y.detach(), x.grad


def on_the_device(rng):
    return (torch.from_numpy(rng.uniform(1, 2, size=(2048, 4096)).astype("float32")).cuda(),)


def judge_device(found, x):
    y, grad = (part.cpu() for part in found)
    x = x.detach().cpu()
    assert_close(y, x * grad, rtol=1e-4, atol=1e-5, what="the result, compared with x times its gradient")
    assert_close((grad == 0).double().mean(), 0.0625, rtol=0, atol=0.005, what="the share that both dropped")
    assert_close(grad.double().mean(), 2.0, rtol=0, atol=0.01, what="the mean of the gradient")


@pytest.mark.gpu("Device")
def test_stays_on_the_device(submission, measure):
    """On CUDA mask and result stay there, the host never waits, and time and memory are near our own solution's."""
    measure.cuda(drop_and_back, on_the_device, judge=judge_device, at_most_time=4.0, at_most_memory=4.0)
