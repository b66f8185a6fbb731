"""Differentiates with torch.func, whose gradients can be differentiated as they are."""

from torch import func, stack


def adapt(loss_fn, params, support, *, lr, n_steps=1, first_order=False):
    slope_of = func.grad(loss_fn)
    current = dict(params)
    for _ in range(n_steps):
        slopes = slope_of(current, support)
        if first_order:
            slopes = {name: slope.detach() for name, slope in slopes.items()}
        current = {name: current[name] - lr * slopes[name] for name in current}
    return current


def maml_loss(loss_fn, params, tasks, *, lr, n_steps=1, first_order=False):
    if not tasks:
        raise ValueError("no tasks")
    options = {"lr": lr, "n_steps": n_steps, "first_order": first_order}
    return stack([loss_fn(adapt(loss_fn, params, support, **options), query) for support, query in tasks]).mean()
