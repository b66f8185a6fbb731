"""Hidden checks of maml."""

import pytest
import torch

from mlkata.compare import assert_close, assert_dtype, assert_equal, assert_shape, assert_true, raises


def bowl(params, data):
    """Half the distance from the centre, squared, with a curvature for each coordinate."""
    curvature, centre = data
    return (curvature * (params["w"] - centre) ** 2).sum() / 2


def regression(params, data):
    """Mean squared error of a small network."""
    x, y = data
    hidden = torch.tanh(x @ params["first"] + params["bias"])
    return ((hidden @ params["last"] - y) ** 2).mean()


def two_parts(params, data):
    """A cubic in w; plus the same in v, where the data say so."""
    centre, uses_v = data
    loss = ((params["w"] - centre) ** 3).sum()
    return loss + (params["v"] ** 3).sum() if uses_v else loss


TARGETS = {"left": -1.5, "right": 2.5}


def named(params, data):
    """Half the squared distance from a target, of which the data are the name."""
    return ((params["w"] - TARGETS[data]) ** 2).sum() / 2


def choose(kind):
    return {"bowl": bowl, "regression": regression, "two_parts": two_parts, "named": named}[kind]


def descend(loss_fn, params, data, lr, n_steps):
    """Plain gradient descent, each step from a fresh start: the values alone."""
    values = {name: p.detach().clone() for name, p in params.items()}
    for _ in range(n_steps):
        leaves = {name: value.requires_grad_() for name, value in values.items()}
        loss_fn(leaves, data).backward()
        values = {n: (p - lr * p.grad if p.grad is not None else p).detach() for n, p in leaves.items()}
    return values


def meta_loss_by_hand(loss_fn, params, tasks, lr, n_steps):
    losses = [float(loss_fn(descend(loss_fn, params, support, lr, n_steps), query)) for support, query in tasks]
    return sum(losses) / len(losses)


def slopes(function, params, step=1e-5):
    """Central differences of a function of a dict of tensors, under the same keys."""
    found = {}
    for name, p in params.items():
        found[name] = torch.zeros_like(p)
        for place in range(p.numel()):
            ends = []
            for shift in (step, -step):
                moved = {key: one.clone() for key, one in params.items()}
                moved[name].view(-1)[place] += shift
                ends.append(function(moved))
            found[name].view(-1)[place] = (ends[0] - ends[1]) / (2 * step)
    return found


def draw(torch_rng, *shape):
    return torch.randn(*shape, generator=torch_rng, dtype=torch.float64)


def draw_bowl(torch_rng, size):
    """Curvatures and centre."""
    return 0.5 + torch.rand(size, generator=torch_rng, dtype=torch.float64), draw(torch_rng, size)


def draw_network(torch_rng):
    return {"first": draw(torch_rng, 2, 3), "bias": draw(torch_rng, 3), "last": draw(torch_rng, 3)}


def draw_sets(torch_rng, n_tasks):
    """Support and query sets of several regression tasks."""
    return [
        ((draw(torch_rng, 4, 2), draw(torch_rng, 4)), (draw(torch_rng, 5, 2), draw(torch_rng, 5)))
        for _ in range(n_tasks)
    ]


def adapted(module, kind, params, support, options):
    """adapt(loss_fn, params, support, **options)"""
    params = {name: p.clone().requires_grad_() for name, p in params.items()}
    found = module.adapt(choose(kind), params, support, **options)
    return {name: p.detach() for name, p in found.items()}


def adapted_with_slopes(module, kind, params, support, cotangents, options):
    """adapt(loss_fn, params, support, **options), and gradients of a weighted sum by what params come from"""
    params = {name: p.clone().requires_grad_() for name, p in params.items()}
    # No leaves: they are computed from other tensors.
    found = module.adapt(choose(kind), {name: p + 0.0 for name, p in params.items()}, support, **options)
    total = sum((found[name] * cotangents[name]).sum() for name in params)
    grads = torch.autograd.grad(total, list(params.values()), allow_unused=True)
    return {name: p.detach() for name, p in found.items()}, dict(zip(params, grads, strict=True))


def meta_loss(module, kind, params, tasks, options):
    """maml_loss(loss_fn, params, tasks, **options), and its gradients by params"""
    params = {name: p.clone().requires_grad_() for name, p in params.items()}
    loss = module.maml_loss(choose(kind), params, tasks, **options)
    grads = torch.autograd.grad(loss, list(params.values()), allow_unused=True) if loss.requires_grad else [None] * 3
    return loss.detach(), dict(zip(params, grads, strict=False))


def assert_slopes(found, expected, what, rtol=1e-4, hint=""):
    for name, slope in expected.items():
        broken = f"{what} must reach the parameter {name}: was it detached, or copied without a graph?"
        assert_true(found[name] is not None, broken)
        assert_close(found[name], slope, rtol=rtol, atol=1e-6, what=f"{what} by the parameter {name}", hint=hint)


@pytest.mark.correctness("Steps", "Loss function")
@pytest.mark.parametrize("n_steps", [1, 2, 5])
def test_steps_in_a_bowl(submission, torch_rng, n_steps):
    """In a bowl every step shrinks the distance from the centre by the factor 1 - lr * curvature."""
    w, (curvature, centre) = draw(torch_rng, 3), draw_bowl(torch_rng, 3)
    options = {"lr": 0.3} if n_steps == 1 else {"lr": 0.3, "n_steps": n_steps}
    found = submission.run(adapted, "bowl", {"w": w}, (curvature, centre), options)
    expected = centre + (1 - 0.3 * curvature) ** n_steps * (w - centre)
    assert_close(found["w"], expected, rtol=1e-6, what=f"the parameter after {n_steps} steps")


@pytest.mark.correctness("Steps", "Parameters")
def test_steps_of_a_network(submission, torch_rng):
    """All parameters of a network descend together, and come back under their names."""
    params, ((support, _),) = draw_network(torch_rng), draw_sets(torch_rng, 1)
    found = submission.run(adapted, "regression", params, support, {"lr": 0.1, "n_steps": 3})
    assert_equal(list(found), list(params), what="the list of keys of the adapted parameters")
    for name, p in descend(regression, params, support, 0.1, 3).items():
        assert_close(found[name], p, rtol=1e-6, what=f"the parameter {name} after three steps")


@pytest.mark.correctness("Second order", "First order", "Parameters")
@pytest.mark.parametrize("n_steps", [1, 5])
def test_derivative_of_the_adapted_parameters(submission, torch_rng, n_steps):
    """By its start an adapted parameter has the derivative (1 - lr * curvature)^n_steps in a bowl; at first order 1."""
    w, (curvature, centre), weights = draw(torch_rng, 4), draw_bowl(torch_rng, 4), draw(torch_rng, 4)
    for first_order in (False, True):
        options = {"lr": 0.25, "n_steps": n_steps, "first_order": first_order}
        found, grads = submission.run(
            adapted_with_slopes, "bowl", {"w": w}, (curvature, centre), {"w": weights}, options
        )
        shrunk = (1 - 0.25 * curvature) ** n_steps
        assert_close(found["w"], centre + shrunk * (w - centre), rtol=1e-6, what="the adapted parameter")
        expected = weights if first_order else weights * shrunk
        assert_slopes(grads, {"w": expected}, f"the gradient of the adapted parameter with first_order={first_order}")


@pytest.mark.correctness("Second order", "Tasks")
@pytest.mark.parametrize("n_steps", [1, 2])
def test_meta_gradient_by_finite_differences(submission, torch_rng, n_steps):
    """The gradient of the meta-loss of a network, through all steps, is that of finite differences."""
    params, tasks = draw_network(torch_rng), draw_sets(torch_rng, 2)
    found, grads = submission.run(meta_loss, "regression", params, tasks, {"lr": 0.2, "n_steps": n_steps})
    expected = meta_loss_by_hand(regression, params, tasks, 0.2, n_steps)
    assert_close(found, expected, rtol=1e-6, what="the meta-loss")
    expected = slopes(lambda moved: meta_loss_by_hand(regression, moved, tasks, 0.2, n_steps), params)
    hint = "it goes through the gradients that the steps subtract, too"
    assert_slopes(grads, expected, "the gradient of the meta-loss", hint=hint)


@pytest.mark.correctness("First order", "Tasks")
def test_first_order_gradient(submission, torch_rng):
    """At first order the gradient of the meta-loss is the mean of the query gradients where the steps end."""
    params, tasks = draw_network(torch_rng), draw_sets(torch_rng, 2)
    options = {"lr": 0.2, "n_steps": 2, "first_order": True}
    found, grads = submission.run(meta_loss, "regression", params, tasks, options)
    assert_close(found, meta_loss_by_hand(regression, params, tasks, 0.2, 2), rtol=1e-6, what="the meta-loss")
    expected = {name: torch.zeros_like(p) for name, p in params.items()}
    for support, query in tasks:
        end = descend(regression, params, support, 0.2, 2)
        # One step of length 1 tells the gradient.
        after = descend(regression, end, query, 1.0, 1)
        for name in params:
            expected[name] += (end[name] - after[name]) / 2
    assert_slopes(grads, expected, "the first-order gradient of the meta-loss")


@pytest.mark.correctness("Tasks", "Loss function")
@pytest.mark.parametrize("n_tasks", [1, 3])
def test_mean_over_tasks(submission, torch_rng, n_tasks):
    """Every task starts from the same parameters, is judged by its own query, and the mean is taken."""
    w = draw(torch_rng, 2)
    tasks = [(draw_bowl(torch_rng, 2), draw_bowl(torch_rng, 2)) for _ in range(n_tasks)]
    found, grads = submission.run(meta_loss, "bowl", {"w": w}, tasks, {"lr": 0.4})
    total, slope = 0.0, torch.zeros(2, dtype=torch.float64)
    for (curvature, centre), (other, query) in tasks:
        end = w - 0.4 * curvature * (w - centre)
        total += float((other * (end - query) ** 2).sum()) / 2
        slope += other * (end - query) * (1 - 0.4 * curvature)
    assert_shape(found, (), what="the meta-loss")
    assert_close(found, total / n_tasks, rtol=1e-6, what=f"the meta-loss over {n_tasks} tasks")
    assert_slopes(grads, {"w": slope / n_tasks}, "the gradient of the meta-loss")
    again, _ = submission.run(meta_loss, "bowl", {"w": w}, tuple(tasks), {"lr": 0.4})
    assert_close(again, total / n_tasks, rtol=1e-6, what="the meta-loss over a tuple of tasks")
    # The data may be anything, here words: the first step goes 0.4 of the way to the first target.
    found, _ = submission.run(meta_loss, "named", {"w": w}, [("left", "right")] * n_tasks, {"lr": 0.4})
    expected = float(((0.6 * w + 0.4 * -1.5 - 2.5) ** 2).sum()) / 2
    assert_close(found, expected, rtol=1e-6, what="the meta-loss where the data are words")


def train_layer(module, weight, bias, tasks, n_updates):
    """SGD on a torch.nn.Linear by maml_loss(...).backward(); the losses, and weight and bias after it"""
    layer = torch.nn.Linear(3, 2).double()
    with torch.no_grad():
        layer.weight.copy_(weight)
        layer.bias.copy_(bias)

    def loss_fn(params, data):
        return ((torch.func.functional_call(layer, params, (data[0],)) - data[1]) ** 2).mean()

    optimizer, losses = torch.optim.SGD(layer.parameters(), lr=0.1), []
    for _ in range(n_updates):
        optimizer.zero_grad()
        loss = module.maml_loss(loss_fn, dict(layer.named_parameters()), tasks, lr=0.05, n_steps=2)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, layer.weight.detach(), layer.bias.detach()


def linear_regression(params, data):
    return ((data[0] @ params["weight"].T + params["bias"] - data[1]) ** 2).mean()


@pytest.mark.correctness("Second order", "Parameters")
def test_training_a_module(submission, torch_rng):
    """An optimizer that follows the meta-loss of a module by backward() takes the steps that finite differences say."""
    params = {"weight": draw(torch_rng, 2, 3), "bias": draw(torch_rng, 2)}
    tasks = [
        ((draw(torch_rng, 4, 3), draw(torch_rng, 4, 2)), (draw(torch_rng, 3, 3), draw(torch_rng, 3, 2)))
        for _ in range(2)
    ]
    losses, weight, bias = submission.run(train_layer, params["weight"], params["bias"], tasks, 2)
    expected = []
    for _ in range(2):
        expected.append(meta_loss_by_hand(linear_regression, params, tasks, 0.05, 2))
        slope = slopes(lambda moved: meta_loss_by_hand(linear_regression, moved, tasks, 0.05, 2), params)
        params = {name: p - 0.1 * slope[name] for name, p in params.items()}
    assert_close(losses, expected, rtol=1e-5, what="the list of meta-losses")
    assert_close(weight, params["weight"], rtol=1e-5, atol=1e-6, what="the weight after two updates")
    assert_close(bias, params["bias"], rtol=1e-5, atol=1e-6, what="the bias after two updates")


@pytest.mark.edge_case("Unused parameters")
@pytest.mark.parametrize("first_order", [False, True])
def test_unused_parameters(submission, torch_rng, first_order):
    """A parameter that only the query loss uses is not adapted, and gets the gradient of the query loss."""
    params = {"v": draw(torch_rng, 2), "w": draw(torch_rng, 2)}
    options = {"lr": 0.05, "n_steps": 2, "first_order": first_order}
    centre, query = draw(torch_rng, 2), draw(torch_rng, 2)
    found = submission.run(adapted, "two_parts", params, (centre, False), options)
    end = descend(two_parts, params, (centre, False), 0.05, 2)
    assert_close(found["v"], params["v"], what="a parameter that the support loss does not use")
    assert_close(found["w"], end["w"], rtol=1e-6, what="the parameter beside it")
    tasks = [((centre, False), (query, True))]
    _, grads = submission.run(meta_loss, "two_parts", params, tasks, options)
    assert_slopes(grads, {"v": 3 * params["v"] ** 2}, "the gradient of the meta-loss")


def without_steps(module, w, support):
    """adapt(loss_fn, {"w": w}, support, lr=0.5, n_steps=0), and whether it returns the very dict that it was given"""
    params = {"w": w.clone().requires_grad_()}
    found = module.adapt(bowl, params, support, lr=0.5, n_steps=0)
    return {name: p.detach() for name, p in found.items()}, found is params


@pytest.mark.edge_case("Steps")
def test_no_steps(submission, torch_rng):
    """With n_steps=0 nothing is adapted: the meta-loss is the mean query loss, with its ordinary gradient."""
    w, support, (curvature, centre) = draw(torch_rng, 3), draw_bowl(torch_rng, 3), draw_bowl(torch_rng, 3)
    found, is_same = submission.run(without_steps, w, support)
    assert_close(found["w"], w, what="the parameter after no steps")
    assert_true(not is_same, "adapt must return a new dict, also after no steps")
    tasks = [(support, (curvature, centre))]
    loss, grads = submission.run(meta_loss, "bowl", {"w": w}, tasks, {"lr": 0.5, "n_steps": 0})
    assert_close(loss, (curvature * (w - centre) ** 2).sum() / 2, rtol=1e-6, what="the meta-loss without steps")
    assert_slopes(grads, {"w": curvature * (w - centre)}, "the gradient of the meta-loss without steps")


def evaluated(module, params, tasks, trainable, with_grad, options):
    """adapt and maml_loss, where `trainable` require a gradient, perhaps under torch.no_grad(); is it on afterwards?"""
    params = {name: p.clone().requires_grad_(name in trainable) for name, p in params.items()}
    with torch.set_grad_enabled(with_grad):
        ends = module.adapt(regression, params, tasks[0][0], **options)
        loss = module.maml_loss(regression, params, tasks, **options)
        still_on = torch.is_grad_enabled()
    return {name: p.detach() for name, p in ends.items()}, loss.detach(), still_on


@pytest.mark.edge_case("Without gradients", "Side effects")
@pytest.mark.parametrize("first_order", [False, True])
@pytest.mark.parametrize(
    ("trainable", "with_grad"),
    [(("first", "bias", "last"), False), ((), False), ((), True), (("bias",), True)],
)
def test_evaluation(submission, torch_rng, trainable, with_grad, first_order):
    """Under torch.no_grad(), and with parameters that require no gradient, the values are the same."""
    params, tasks = draw_network(torch_rng), draw_sets(torch_rng, 2)
    options = {"lr": 0.1, "n_steps": 2, "first_order": first_order}
    found, loss, still_on = submission.run(evaluated, params, tasks, trainable, with_grad, options)
    where = f"where {', '.join(trainable) or 'no parameter'} requires a gradient"
    where += "" if with_grad else ", under torch.no_grad()"
    for name, p in descend(regression, params, tasks[0][0], 0.1, 2).items():
        assert_close(found[name], p, rtol=1e-6, what=f"the adapted parameter {name} {where}")
    expected = meta_loss_by_hand(regression, params, tasks, 0.1, 2)
    assert_close(loss, expected, rtol=1e-6, what=f"the meta-loss {where}")
    assert_equal(still_on, with_grad, what="torch.is_grad_enabled() after the calls")


def traces(module, params, tasks, options):
    """adapt and maml_loss; then the keys, values, requires_grad and .grad of params, and the tensors of the tasks"""
    given = {name: p.clone().requires_grad_(name != "bias") for name, p in params.items()}
    for p in given.values():
        p.grad = torch.full_like(p, 7.0)
    objects = dict(given)
    module.adapt(regression, given, tasks[0][0], **options)
    loss = module.maml_loss(regression, given, tasks, **options)
    same = list(given) == list(objects) and all(given[name] is objects[name] for name in objects)
    flags = [p.requires_grad for p in objects.values()]
    return loss.detach(), same, [p.detach() for p in objects.values()], flags, [p.grad for p in objects.values()]


@pytest.mark.edge_case("Side effects")
@pytest.mark.parametrize("first_order", [False, True])
def test_nothing_is_left_behind(submission, torch_rng, first_order):
    """The dict, its tensors, their requires_grad and .grad, and the data of the tasks are what they were."""
    params, tasks = draw_network(torch_rng), draw_sets(torch_rng, 2)
    options = {"lr": 0.1, "n_steps": 2, "first_order": first_order}
    seen = submission.probe(traces).observe(params, tasks, options)
    loss, same, values, flags, grads = seen.value
    assert_close(loss, meta_loss_by_hand(regression, params, tasks, 0.1, 2), rtol=1e-6, what="the meta-loss")
    assert_true(same, "the dict params must hold the same tensors as before")
    for name, p, value in zip(params, params.values(), values, strict=True):
        assert_equal(value, p, what=f"the parameter {name} after the calls", hint="a step makes new tensors")
    assert_equal(flags, [True, False, True], what="the list of requires_grad of the parameters after the calls")
    for name, grad in zip(params, grads, strict=True):
        untouched = grad is not None and bool((grad == 7).all())
        assert_true(untouched, f"the .grad of the parameter {name} must stay as it was: use torch.autograd.grad")
    seen.assert_unchanged()


@pytest.mark.edge_case("Dtype", "Parameters")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_dtypes_and_numbers(submission, dtype):
    """0-d parameters of both dtypes keep shape and dtype, to their precision."""
    w, one = torch.tensor(1.7, dtype=dtype), torch.tensor(1.0, dtype=dtype)
    support, queries = (one, one * 0.3), [(one, one * 0.9), (one, -one)]
    found = submission.run(adapted, "bowl", {"w": w}, support, {"lr": 0.1, "n_steps": 2})
    assert_shape(found["w"], (), what="the adapted parameter")
    assert_dtype(found["w"], dtype, what="the adapted parameter")
    start, centre = float(w), float(support[1])
    end = centre + 0.81 * (start - centre)
    rtol = 1e-5 if dtype == torch.float32 else 1e-12
    assert_close(found["w"], end, rtol=rtol, what="the adapted parameter")
    tasks = [(support, query) for query in queries]
    loss, grads = submission.run(meta_loss, "bowl", {"w": w}, tasks, {"lr": 0.1, "n_steps": 2})
    assert_dtype(loss, dtype, what="the meta-loss")
    expected = sum((end - float(query)) ** 2 / 2 for _, query in queries) / 2
    assert_close(loss, expected, rtol=rtol, what="the meta-loss")
    expected = sum((end - float(query)) * 0.81 for _, query in queries) / 2
    assert_slopes(grads, {"w": expected}, "the gradient of the meta-loss", rtol=rtol)


@pytest.mark.edge_case("Tasks")
@pytest.mark.parametrize("none", [[], ()])
def test_no_tasks(submission, none):
    """Without a task there is no mean: ValueError."""
    with raises(ValueError, when="tasks is empty"):
        submission.run(meta_loss, "bowl", {"w": torch.tensor([1.0])}, none, {"lr": 0.1})
