"""At first order descends on plain values and adds the way they went to the parameters as a constant."""

import torch


def _steps(loss_fn, start, support, lr, n_steps, keep):
    values = start
    for _ in range(n_steps):
        names = list(values)
        loss = loss_fn(values, support)
        grads = torch.autograd.grad(
            loss, [values[n] for n in names], create_graph=keep, materialize_grads=True, allow_unused=True
        )
        values = {n: torch.add(values[n], g, alpha=-lr) for n, g in zip(names, grads, strict=True)}
        if not keep:
            values = {n: v.detach().requires_grad_() for n, v in values.items()}
    return values


def adapt(loss_fn, params, support, *, lr, n_steps=1, first_order=False):
    with torch.enable_grad():
        if first_order:
            plain = {n: p.detach().clone().requires_grad_() for n, p in params.items()}
            ends = _steps(loss_fn, plain, support, lr, n_steps, False)
            return {n: p + (ends[n] - p).detach() for n, p in params.items()}
        start = {n: p if p.requires_grad else p.clone().requires_grad_() for n, p in params.items()}
        return _steps(loss_fn, start, support, lr, n_steps, True)


def maml_loss(loss_fn, params, tasks, *, lr, n_steps=1, first_order=False):
    if len(tasks) < 1:
        raise ValueError("maml_loss needs a task")
    total = 0
    for support, query in tasks:
        total = total + loss_fn(adapt(loss_fn, params, support, lr=lr, n_steps=n_steps, first_order=first_order), query)
    return total / len(tasks)
