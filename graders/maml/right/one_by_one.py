"""Differentiates by one parameter at a time, along a recursion over the steps, and keeps a running mean."""

import torch


def adapt(loss_fn, params, support, *, lr, n_steps=1, first_order=False):
    if n_steps == 0:
        return {name: torch.clone(p) for name, p in params.items()}
    with torch.enable_grad():
        here = {}
        for name in params:
            here[name] = (
                params[name].clone() if params[name].requires_grad else params[name].clone().requires_grad_(True)
            )
        there = {}
        for name in params:
            loss = loss_fn(here, support)
            slope = torch.autograd.grad(loss, [here[name]], create_graph=True, allow_unused=True)[0]
            if slope is None:
                there[name] = here[name]
                continue
            there[name] = torch.sub(here[name], slope.detach() if first_order else slope, alpha=lr)
    return adapt(loss_fn, there, support, lr=lr, n_steps=n_steps - 1, first_order=first_order)


def maml_loss(loss_fn, params, tasks, *, lr, n_steps=1, first_order=False):
    mean, seen = 0.0, 0
    for task in tasks:
        support, query = task
        there = adapt(loss_fn, params, support, lr=lr, n_steps=n_steps, first_order=first_order)
        seen += 1
        mean = mean + (loss_fn(there, query) - mean) / seen
    if seen == 0:
        raise ValueError("tasks is empty")
    return mean
