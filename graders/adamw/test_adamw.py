"""Hidden checks of adamw."""

import copy
import io
import math

import pytest
import torch

from mlkata.compare import assert_close, assert_dtype, assert_equal, assert_true, raises

OPTIONS = {"lr": 0.1, "betas": (0.8, 0.95), "eps": 0.1, "weight_decay": 0.3}


def by_hand(p, gradients, lr, betas, eps, weight_decay):
    """The path of one weight by the formulas, in Python floats."""
    m, v, path = 0.0, 0.0, []
    for t, g in enumerate(gradients, start=1):
        m, v = betas[0] * m + (1 - betas[0]) * g, betas[1] * v + (1 - betas[1]) * g * g
        p = p * (1 - lr * weight_decay)
        p -= lr * (m / (1 - betas[0] ** t)) / (math.sqrt(v / (1 - betas[1] ** t)) + eps)
        path.append(p)
    return path


def draw(torch_rng, shapes, n_steps, dtype=torch.float64):
    """Parameters of these shapes, and a gradient for each at each step."""
    tensors = [torch.randn(shape, generator=torch_rng, dtype=torch.float64).to(dtype) for shape in shapes]
    scales = 10 ** torch.linspace(-2, 1, len(shapes))
    rows = [
        [
            (scale * torch.randn(shape, generator=torch_rng)).to(dtype)
            for shape, scale in zip(shapes, scales, strict=True)
        ]
        for _ in range(n_steps)
    ]
    return tensors, rows


def train(module, groups, gradients, options):
    """AdamW(groups, **options), and a step() for each row of gradients (None: it has none); the parameters"""
    groups = [{**group, "params": [torch.nn.Parameter(p.clone()) for p in group["params"]]} for group in groups]
    params = [p for group in groups for p in group["params"]]
    optimizer = module.AdamW(groups, **options)
    for row in gradients:
        for p, g in zip(params, row, strict=True):
            p.grad = None if g is None else g.clone()
        optimizer.step()
    return [p.detach() for p in params]


def assert_all_close(found, expected, what, rtol=1e-4, atol=1e-6, hint=""):
    for place, (one, other) in enumerate(zip(found, expected, strict=True)):
        assert_close(one, other, rtol=rtol, atol=atol, what=f"parameter {place} {what}", hint=hint)


def tensors_in(value):
    """All tensors inside a value of dicts, lists and tuples."""
    if isinstance(value, torch.Tensor):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return [tensor for item in items for tensor in tensors_in(item)]


def path_of(module, start, gradients, options):
    """AdamW([p], **options), and a step() for each gradient; p after each"""
    p = torch.nn.Parameter(torch.tensor([start], dtype=torch.float64))
    optimizer, path = module.AdamW([p], **options), []
    for g in gradients:
        p.grad = torch.tensor([g], dtype=torch.float64)
        optimizer.step()
        path.append(p.item())
    return path


@pytest.mark.correctness("Update", "Decay")
def test_three_steps_by_hand(submission):
    """Three steps of one weight are those of the formulas, with a large eps and a large decay."""
    gradients = [0.5, -2.0, 0.25]
    path = submission.run(path_of, 1.5, gradients, OPTIONS)
    assert_close(path, by_hand(1.5, gradients, **OPTIONS), what="the weight after each step")


def with_defaults(module, tensors, gradients):
    """AdamW(iter(params)), without options, and a step() for each row of gradients; the parameters"""
    params = [torch.nn.Parameter(p.clone()) for p in tensors]
    optimizer = module.AdamW(iter(params))
    for row in gradients:
        for p, g in zip(params, row, strict=True):
            p.grad = g.clone()
        optimizer.step()
    return [p.detach() for p in params]


@pytest.mark.correctness("Groups", "Update")
def test_default_options(submission):
    """Without options they are lr=1e-3, betas=(0.9, 0.999), eps=1e-8 and weight_decay=1e-2."""
    # One weight is large, so that its decay shows; one has gradients as small as eps.
    starts, gradients = [1.0, 1000.0, 0.0], [[0.3, 2.0, 1e-8], [-1.0, 0.5, 3e-8], [2.0, 0.1, 2e-8]]
    rows = [[torch.tensor(row, dtype=torch.float64)] for row in gradients]
    (found,) = submission.run(with_defaults, [torch.tensor(starts, dtype=torch.float64)], rows)
    options = {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 1e-2}
    expected = [by_hand(p, g, **options)[-1] for p, g in zip(starts, zip(*gradients, strict=True), strict=True)]
    moved = torch.tensor(expected, dtype=torch.float64) - torch.tensor(starts)
    assert_close(found - torch.tensor(starts), moved, rtol=1e-3, atol=0, what="the way that the weights went")


@pytest.mark.correctness("Update", "Groups")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_hundred_steps_beside_torch(submission, torch_rng, dtype):
    """After 100 steps all parameters of two groups are where torch.optim.AdamW brings them."""
    tensors, rows = draw(torch_rng, [(), (7,), (3, 5), (2, 3, 4)], 100, dtype)
    groups = [{"params": tensors[:2], "lr": 0.02}, {"params": tensors[2:], "betas": (0.7, 0.98)}]
    options = {"lr": 0.01, "weight_decay": 0.5}
    found = submission.run(train, groups, rows, options)
    assert_all_close(found, train(torch.optim, groups, rows, options), "after 100 steps", atol=1e-5)


def grow(module, tensors, gradients, groups, options):
    """AdamW(first two groups, **options), a step(), add_param_group(third), and more steps; the parameters"""
    params = [torch.nn.Parameter(p.clone()) for p in tensors]
    first, second, third = ({"params": [p], **group} for p, group in zip(params, groups, strict=True))
    optimizer = module.AdamW([first, second], **options)
    for number, row in enumerate(gradients):
        if number == 1:
            optimizer.add_param_group(third)
        for p, g in zip(params, row, strict=True):
            p.grad = g.clone()
        optimizer.step()
    return [p.detach() for p in params]


@pytest.mark.correctness("Groups")
def test_groups_have_their_own_options(submission, torch_rng):
    """A group's own options hold for it alone, the constructor's for the rest, also in a group that is added later."""
    tensors, rows = draw(torch_rng, [(4,), (2, 3), (5,)], 4)
    groups = [{"lr": 0.3, "eps": 0.5}, {"betas": (0.5, 0.6)}, {"weight_decay": 0.0, "lr": 0.05}]
    found = submission.run(grow, tensors, rows, groups, OPTIONS)
    assert_all_close(found, grow(torch.optim, tensors, rows, groups, OPTIONS), "of three groups")


@pytest.mark.correctness("Step counter", "No gradient")
def test_each_parameter_counts_its_own_steps(submission, torch_rng):
    """A first gradient that comes after 50 steps of the others makes a full first step; idle steps do not count."""
    tensors, rows = draw(torch_rng, [(3,), (2, 2)], 51)
    for row in rows[:50]:
        row[1] = None
    options = {"lr": 0.1, "weight_decay": 0.0}
    late = submission.run(train, [{"params": tensors}], rows, options)[1]
    full_step = tensors[1] - 0.1 * rows[50][1].sign()
    what = "the parameter after its first step, which is lr * sign(gradient),"
    assert_close(late, full_step, rtol=1e-4, what=what, hint="each parameter has a step counter of its own")
    _, more = draw(torch_rng, [(3,), (2, 2)], 6)
    more[1][1] = more[2][1] = more[4][0] = None
    found = submission.run(train, [{"params": tensors}], more, OPTIONS)
    assert_all_close(found, train(torch.optim, [{"params": tensors}], more, OPTIONS), "with gradients now and then")


@pytest.mark.correctness("Decay")
def test_zero_gradients_leave_the_decay(submission):
    """With gradients of zero a parameter shrinks by the factor 1 - lr * weight_decay a step, and that is all."""
    start = torch.tensor([2.0, -3.0, 100.0], dtype=torch.float64)
    options = {"lr": 0.1, "weight_decay": 0.01}
    (found,) = submission.run(train, [{"params": [start]}], [[torch.zeros(3, dtype=torch.float64)]] * 5, options)
    assert_close(found, start * 0.999**5, rtol=1e-6, what="the parameter after five steps")


def go_on(module, tensors, gradients, n_before, options, by_file):
    """AdamW(params, **options), some steps, and the rest by a new AdamW that loads the state dict; parameters, rates"""
    params = [torch.nn.Parameter(p.clone()) for p in tensors]
    optimizer = module.AdamW([{"params": params[:1]}, {"params": params[1:], "lr": 0.02}], **options)
    for number, row in enumerate(gradients):
        if number == n_before:
            kept = optimizer.state_dict()
            if by_file:
                file = io.BytesIO()
                torch.save(kept, file)
                file.seek(0)
                kept = torch.load(file, weights_only=True)
            else:
                kept = copy.deepcopy(kept)
            params = [torch.nn.Parameter(p.detach().clone()) for p in params]
            optimizer = module.AdamW([{"params": params[:1]}, {"params": params[1:]}], lr=7.0, weight_decay=0.9)
            optimizer.load_state_dict(kept)
        for p, g in zip(params, row, strict=True):
            p.grad = None if g is None else g.clone()
        optimizer.step()
    return [p.detach() for p in params], [group["lr"] for group in optimizer.param_groups]


@pytest.mark.correctness("State dict")
@pytest.mark.parametrize("by_file", [False, True])
def test_goes_on_from_a_state_dict(submission, torch_rng, by_file):
    """A new optimizer that loads the state dict goes on where the old one stood, with its options and step counters."""
    tensors, rows = draw(torch_rng, [(3,), (2, 2), (4,)], 8)
    for number, row in enumerate(rows):
        row[1] = None if number < 3 else row[1]
        row[2] = None if number < 6 else row[2]
    options = {**OPTIONS, "lr": 0.1}
    found, rates = submission.run(go_on, tensors, rows, 5, options, by_file)
    groups = [{"params": tensors[:1]}, {"params": tensors[1:], "lr": 0.02}]
    assert_equal(rates, [0.1, 0.02], what="the learning rates of the groups after load_state_dict")
    expected = train(torch.optim, groups, rows, options)
    hint = "does self.state hold all that a parameter needs, its step counter included?"
    assert_all_close(found, expected, "after going on from a state dict", hint=hint)


def with_closure(module, start, target, n_steps):
    """AdamW([p]), step(closure) under torch.no_grad(), and step(); losses, grad modes in the closure, p, last result"""
    p, seen, losses, made = torch.nn.Parameter(start.clone()), [], [], []
    optimizer = module.AdamW([p], lr=0.1, weight_decay=0.5)

    def closure():
        seen.append(torch.is_grad_enabled())
        optimizer.zero_grad()
        if not torch.is_grad_enabled():
            return None
        loss = ((p - target) ** 2).sum()
        loss.backward()
        made.append(loss)
        return loss

    for _ in range(n_steps):
        with torch.no_grad():
            loss = optimizer.step(closure)
        losses.append(loss.item() if made and loss is made[-1] else None)
    return losses, seen, p.detach().clone(), optimizer.step()


@pytest.mark.correctness("Closure")
def test_closure(submission):
    """The closure is called once a step, before the update and with gradients enabled, and step returns its loss."""
    start, target = torch.tensor([1.0, -2.0]), torch.tensor([0.5, 3.0])
    losses, seen, found, returned = submission.run(with_closure, start, target, 3)
    assert_equal(seen, [True, True, True], what="the list of torch.is_grad_enabled() in the calls of the closure")
    expected, _, path, _ = with_closure(torch.optim, start, target, 3)
    assert_true(None not in losses, "step(closure) must return what the closure returned, the very object")
    assert_close(losses, expected, rtol=1e-4, what="the loss that step(closure) returned")
    assert_close(found, path, rtol=1e-4, what="the parameter after three steps with a closure")
    assert_true(returned is None, "step() without a closure must return None")


def with_schedule(module, tensors, gradients, changes):
    """AdamW(params) with StepLR(step_size=2, gamma=0.3), options changed in param_groups on the way; the parameters"""
    params = [torch.nn.Parameter(p.clone()) for p in tensors]
    optimizer = module.AdamW(params, lr=0.2, betas=(0.5, 0.9), weight_decay=0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.3)
    for number, row in enumerate(gradients):
        optimizer.param_groups[0].update(changes.get(number, {}))
        for p, g in zip(params, row, strict=True):
            p.grad = g.clone()
        optimizer.step()
        scheduler.step()
    return [p.detach() for p in params]


@pytest.mark.correctness("Changed options")
def test_options_changed_between_steps(submission, torch_rng):
    """A scheduler's learning rate counts from the next step on, and so do other options put into param_groups."""
    tensors, rows = draw(torch_rng, [(3,), (2, 2)], 6)
    found = submission.run(with_schedule, tensors, rows, {})
    assert_all_close(found, with_schedule(torch.optim, tensors, rows, {}), "under a learning rate schedule")
    changes = {2: {"weight_decay": 0.6}, 3: {"betas": (0.8, 0.99)}, 4: {"eps": 0.3}}
    found = submission.run(with_schedule, tensors, rows, changes)
    assert_all_close(found, with_schedule(torch.optim, tensors, rows, changes), "with options changed on the way")


def without_gradient(module, idle, start, gradient):
    """AdamW([idle, p]), three step() with a gradient for p alone; both, and how many numbers the state dict holds"""
    still, p = torch.nn.Parameter(idle.clone()), torch.nn.Parameter(start.clone())
    optimizer = module.AdamW([still, p], lr=0.1, weight_decay=0.5)
    for _ in range(3):
        p.grad = gradient.clone()
        optimizer.step()
    held = sum(tensor.numel() for tensor in tensors_in(optimizer.state_dict()))
    return still.detach(), p.detach(), held


@pytest.mark.edge_case("No gradient")
def test_parameters_without_gradient(submission):
    """A parameter without gradient is not even decayed, and nothing is kept for it."""
    idle, start, gradient = torch.full((1000,), 1.5), torch.tensor([1.0, 2.0]), torch.tensor([0.5, -1.0])
    still, moved, held = submission.run(without_gradient, idle, start, gradient)
    assert_true(not torch.equal(moved, start), "the parameter that has a gradient must move")
    assert_equal(still, idle, what="the parameter without gradient", hint="skip it, decay included")
    assert_true(held < 1000, "the state must hold nothing for a parameter without gradient", f"it holds {held} numbers")


def sparse_step(module, rows, n_dense):
    """AdamW([p]), some step() with a dense gradient, and step() where p.grad is sparse"""
    p = torch.nn.Parameter(torch.ones(4, 2))
    optimizer = module.AdamW([p])
    for _ in range(n_dense):
        p.grad = torch.ones(4, 2)
        optimizer.step()
    p.grad = torch.sparse_coo_tensor(torch.tensor([rows]), torch.ones(len(rows), 2), (4, 2), check_invariants=True)
    try:
        optimizer.step()
    except NotImplementedError as error:
        # Operations of torch that take no sparse tensor raise it too: that is no unwritten step.
        if "aten::" not in str(error):
            raise
        raise TypeError("some operation of torch happened not to take sparse tensors") from None


@pytest.mark.edge_case("Sparse gradients")
def test_sparse_gradients_are_refused(submission):
    """A sparse gradient raises RuntimeError, in the first step and later."""
    with raises(RuntimeError, when="a gradient is sparse"):
        submission.run(sparse_step, [1, 3], 0)
    with raises(RuntimeError, when="a gradient is sparse after two steps with a dense one"):
        submission.run(sparse_step, [1, 3], 2)


def only_construct(module, options):
    """AdamW([p], **options)"""
    module.AdamW([torch.nn.Parameter(torch.ones(2))], **options)


@pytest.mark.edge_case("Bad options")
def test_bad_options_are_refused(submission):
    """Negative lr, eps and weight_decay and betas outside [0, 1) raise ValueError; zeros do not."""
    zeros = {"betas": (0.0, 0.0), "eps": 0.0, "weight_decay": 0.0}
    assert_close(submission.run(path_of, 1.0, [0.5, -3.0], {"lr": 0.25, **zeros}), [0.75, 1.0], what="p with zeros")
    assert_close(submission.run(path_of, 1.0, [0.5, -3.0], {"lr": 0.0}), [1.0, 1.0], what="p with lr=0")
    for options in (
        {"lr": -0.1},
        {"eps": -1e-8},
        {"weight_decay": -0.01},
        {"betas": (1.0, 0.999)},
        {"betas": (0.9, 1.0)},
        {"betas": (-0.1, 0.999)},
        {"betas": (0.9, -0.5)},
    ):
        with raises(ValueError, when=", ".join(f"{name} is {value}" for name, value in options.items())):
            submission.run(only_construct, options)


def state_dtypes(module, start):
    """AdamW([p]).step(); p, and the dtypes of the tensors in its state dict that are as large as p"""
    p = torch.nn.Parameter(start.clone())
    optimizer = module.AdamW([p], lr=0.1)
    p.grad = torch.ones_like(start)
    optimizer.step()
    large = [tensor.dtype for tensor in tensors_in(optimizer.state_dict()) if tensor.numel() >= start.numel()]
    return p.detach(), sorted({str(dtype) for dtype in large})


@pytest.mark.edge_case("Dtype")
def test_dtypes(submission):
    """Parameters of three dtypes train side by side, to the precision of each, and each one's state has its dtype."""
    dtypes = (torch.float32, torch.float64, torch.bfloat16)
    starts = [torch.tensor([1.0, -0.5, 0.25], dtype=torch.float64) for _ in dtypes]
    starts[1] += 1e6  # the updates fall below float32 there
    slopes = [torch.tensor(row, dtype=torch.float64) for row in ([1.0, -2.0, 0.5], [0.5, -1.0, 0.25], [-1.0, 4.0, 2.0])]
    tensors = [start.to(dtype) for start, dtype in zip(starts, dtypes, strict=True)]
    rows = [[g.to(dtype) for dtype in dtypes] for g in slopes]
    options = {"lr": 1 / 64, "betas": (0.75, 0.9), "weight_decay": 0.0}
    found = submission.run(train, [{"params": tensors}], rows, options)
    expected = train(torch.optim, [{"params": starts}], [[g] * 3 for g in slopes], options)
    for one, other, start, dtype in zip(found, expected, starts, dtypes, strict=True):
        assert_dtype(one, dtype, what=f"a parameter of dtype {dtype}")
        atol = {torch.float32: 1e-6, torch.float64: 1e-7, torch.bfloat16: 0.02}[dtype]
        assert_close(one.double() - start, other - start, atol=atol, what=f"the way that a {dtype} parameter went")
        _, held = submission.run(state_dtypes, torch.linspace(1, 2, 6).to(dtype))
        broken = f"the averages of a {dtype} parameter, as its state dict holds them, must be {dtype} too"
        assert_true(held == [str(dtype)], broken, f"found {', '.join(held) or 'none in the state dict'}")


def count_high(module, n_steps):
    """AdamW([p], lr=0, betas=(0, 0)), n_steps step(), then one with lr=1 and betas=(0, 0.999); p, of dtype bfloat16"""
    p = torch.nn.Parameter(torch.zeros(1, dtype=torch.bfloat16))
    optimizer = module.AdamW([p], lr=0.0, betas=(0.0, 0.0), weight_decay=0.0)
    p.grad = torch.ones(1, dtype=torch.bfloat16)
    for number in range(n_steps + 1):
        if number == n_steps:
            optimizer.param_groups[0].update(lr=1.0, betas=(0.0, 0.999))
        optimizer.step()
    return p.detach()


@pytest.mark.edge_case("Step counter", "Changed options")
def test_counts_beyond_256_in_bfloat16(submission):
    """The step counter of a bfloat16 parameter does not stop at 256, the last count that bfloat16 itself can hold."""
    found = submission.run(count_high, 600)
    # Until then v = g * g = 1; what moves p is the correction of step 601 alone.
    assert_close(found, [-math.sqrt(1 - 0.999**601)], rtol=0.02, what="the bfloat16 parameter after step 601")


def watch(module, start, gradients, options):
    """AdamW([p], **options).step() for each gradient; p, a view of it taken before, its objects, and its gradient"""
    p = torch.nn.Parameter(start.clone())
    view = p.detach()
    optimizer = module.AdamW([p], **options)
    same = []
    for gradient in gradients:
        p.grad = kept = gradient.clone()
        optimizer.step()
        same += [optimizer.param_groups[0]["params"][0] is p, p.grad is kept]
    return p.detach(), view.clone(), kept.clone(), same


@pytest.mark.edge_case("In place", "Gradients")
def test_parameters_and_gradients_stay_what_they_are(submission, torch_rng):
    """The same Parameter objects are written to in the memory where they lie, and gradients keep their values."""
    (start,), rows = draw(torch_rng, [(3, 4)], 3)
    gradients = [row[0] for row in rows]
    found, view, kept, same = submission.run(watch, start, gradients, OPTIONS)
    (expected,) = train(torch.optim, [{"params": [start]}], rows, OPTIONS)
    assert_close(found, expected, rtol=1e-4, what="the parameter after three steps")
    assert_close(
        view, expected, rtol=1e-4, what="a view of the parameter taken before the steps", hint="update in place"
    )
    assert_equal(kept, gradients[-1], what="the gradient after the step", hint="it must be left as it was")
    assert_true(all(same), "the Parameter and its .grad must remain the same objects")


def in_other_layouts(module, bases, gradients):
    """AdamW(params), where they are 0-d, empty, transposed, and every other column; the tensors that they lie in"""
    bases = [base.clone() for base in bases]
    views = [bases[0], bases[1], bases[2].t(), bases[3][:, ::2], bases[4]]
    params = [torch.nn.Parameter(view) for view in views]
    optimizer = module.AdamW(params, lr=0.1, weight_decay=0.2)
    for row in gradients:
        for p, g in zip(params, row, strict=True):
            p.grad = g.clone()
        params[4].grad = row[4].t().contiguous().t()
        optimizer.step()
    return bases


@pytest.mark.edge_case("Shapes", "In place")
def test_shapes_and_layouts(submission, torch_rng):
    """Parameters that are 0-d, empty, transposed or spaced out in memory are updated where they lie."""
    shapes = [(), (0, 3), (4, 3), (2, 6), (5, 2)]
    bases, _ = draw(torch_rng, shapes, 0)
    _, rows = draw(torch_rng, [(), (0, 3), (3, 4), (2, 3), (5, 2)], 4)
    found = submission.run(in_other_layouts, bases, rows)
    for what, one, other in zip(
        (
            "a 0-d parameter",
            "an empty parameter",
            "the tensor under a transposed parameter",
            "the tensor under a parameter of every other column",
            "a parameter whose gradient is transposed",
        ),
        found,
        in_other_layouts(torch.optim, bases, rows),
        strict=True,
    ):
        assert_close(one, other, rtol=1e-4, what=what)


def with_graph(module, start):
    """AdamW([p]).step() twice with gradients from create_graph=True; p, and what requires a gradient"""
    p = torch.nn.Parameter(start.clone())
    optimizer = module.AdamW([p], lr=0.1)
    for _ in range(2):
        (p.grad,) = torch.autograd.grad((p**3).sum(), p, create_graph=True)
        optimizer.step()
    in_state = [tensor.requires_grad for tensor in tensors_in(optimizer.state_dict())]
    return p.detach(), p.is_leaf and p.requires_grad, any(in_state)


@pytest.mark.edge_case("No graph")
def test_no_graph_is_built(submission):
    """Parameters stay leaves, and gradients that require a gradient leave no graph in the state."""
    start = torch.tensor([0.5, -1.5])
    found, is_trainable_leaf, state_requires_grad = submission.run(with_graph, start)
    assert_close(found, with_graph(torch.optim, start)[0], rtol=1e-4, what="the parameter after two steps")
    assert_true(is_trainable_leaf, "the parameter must remain a leaf that requires a gradient")
    assert_true(not state_requires_grad, "no tensor of the state may require a gradient: disable gradients in step")


def step_on(module, params, gradients, n_steps):
    """AdamW(params), and n_steps step(); the parameters and the large tensors of the state"""
    params = [torch.nn.Parameter(p) for p in params]
    optimizer = module.AdamW(params, lr=0.1, weight_decay=0.1)
    for p, g in zip(params, gradients, strict=True):
        p.grad = g
    for _ in range(n_steps):
        optimizer.step()
    return [p.detach() for p in params], [one for one in tensors_in(optimizer.state_dict()) if one.numel() > 1]


def matrices(rng):
    draws = [torch.from_numpy(rng.standard_normal((4096, 64), dtype="float32")) for _ in range(8)]
    return draws[:4], draws[4:], 2


def judge_matrices(found, params, gradients, n_steps):
    groups = [{"params": [p.cpu() for p in params]}]
    expected = train(torch.optim, groups, [[g.cpu() for g in gradients]] * n_steps, {"lr": 0.1, "weight_decay": 0.1})
    assert_all_close(found[0], expected, "of the matrices", atol=1e-5)


@pytest.mark.performance("Speed")
def test_cpu_time(submission, measure):
    """Matrices are updated whole: no Python loop over rows or elements."""
    measure.cpu_ratio(step_on, matrices, at_most=18.0, judge=judge_matrices, hint="work on whole tensors")


def matrices_on_the_device(rng):
    params, gradients, n_steps = matrices(rng)
    return [p.cuda() for p in params], [g.cuda() for g in gradients], n_steps


@pytest.mark.gpu("Device")
def test_state_lies_on_the_device(submission, measure):
    """On CUDA parameters and state stay on the device, and the host never waits."""
    measure.cuda(step_on, matrices_on_the_device, judge=judge_matrices)
