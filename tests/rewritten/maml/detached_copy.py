"""As graders/maml/wrong/detached_copy.py, in another hand."""

import torch


def _slopes(loss, weights, keep_graph):
    if not loss.requires_grad:
        return [None] * len(weights)
    return torch.autograd.grad(loss, weights, create_graph=keep_graph, allow_unused=True)


def adapt(loss_fn, params, support, *, lr, n_steps=1, first_order=False):
    names = list(params)
    weights = list(params.values())
    with torch.enable_grad():
        weights = [w.detach().clone().requires_grad_(True) for w in weights]
        for _ in range(n_steps):
            loss = loss_fn(dict(zip(names, weights, strict=True)), support)
            slopes = _slopes(loss, weights, not first_order)
            weights = [w if g is None else w - lr * g for w, g in zip(weights, slopes, strict=True)]
    return dict(zip(names, weights, strict=True))


def maml_loss(loss_fn, params, tasks, *, lr, n_steps=1, first_order=False):
    if len(tasks) == 0:
        raise ValueError("at least one task is needed")
    total = 0.0
    for support, query in tasks:
        learned = adapt(loss_fn, params, support, lr=lr, n_steps=n_steps, first_order=first_order)
        total = total + loss_fn(learned, query)
    return total / len(tasks)
