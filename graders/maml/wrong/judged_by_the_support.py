"""A task is judged by the data that it adapted to."""

import torch

CAUGHT_BY = ("test_mean_over_tasks", "test_no_steps", "test_unused_parameters")


def adapt(loss_fn, params, support, *, lr, n_steps=1, first_order=False):
    # The steps need gradients even where the caller evaluates without.
    with torch.enable_grad():
        adapted = {name: p if p.requires_grad else p.detach().requires_grad_() for name, p in params.items()}
        for _ in range(n_steps):
            loss = loss_fn(adapted, support)
            slopes = torch.autograd.grad(loss, list(adapted.values()), create_graph=not first_order, allow_unused=True)
            pairs = zip(adapted.items(), slopes, strict=True)
            adapted = {name: p if slope is None else p - lr * slope for (name, p), slope in pairs}
    return adapted


def maml_loss(loss_fn, params, tasks, *, lr, n_steps=1, first_order=False):
    if len(tasks) == 0:
        raise ValueError("there is no task to learn from")
    losses = []
    for support, _query in tasks:
        adapted = adapt(loss_fn, params, support, lr=lr, n_steps=n_steps, first_order=first_order)
        losses.append(loss_fn(adapted, support))
    return torch.stack(losses).mean()
