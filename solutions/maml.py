"""Model-agnostic meta-learning: a loss that knows what gradient descent will make of the parameters."""

import torch


def adapt(loss_fn, params, support, *, lr, n_steps=1, first_order=False):
    """Take steps of gradient descent on one task, in a way that can be differentiated.

    Parameters
    ----------
    loss_fn : callable
        ``loss_fn(params, data)`` gives the loss of `params` on `data` as a 0-d tensor.
    params : dict of str to Tensor
        Parameters to start from; they stay as they are.
    support : object
        Data of the task, handed to `loss_fn` as it is.
    lr : float
        Size of each step.
    n_steps : int, default 1
        Number of steps, at least 0.
    first_order : bool, default False
        Treat the gradients of the steps as constants.

    Returns
    -------
    dict of str to Tensor
        The adapted parameters under the same keys, as a differentiable function of `params`.

    References
    ----------
    Finn, Abbeel and Levine, Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks, ICML 2017, equation 1.

    Examples
    --------
    >>> w = torch.tensor(4.0, requires_grad=True)
    >>> adapt(lambda params, target: (params["w"] - target) ** 2, {"w": w}, 1.0, lr=0.25)["w"].item()
    2.5
    """
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
    """Mean loss on the queries of some tasks, after adapting to the support of each.

    Parameters
    ----------
    loss_fn, params, lr, n_steps, first_order
        As for `adapt`; each task starts from `params`.
    tasks : sequence of pairs
        ``(support, query)``, the data of each task.

    Returns
    -------
    Tensor
        0-d; its gradient by `params` goes through the steps.

    Raises
    ------
    ValueError
        There is no task.

    References
    ----------
    Finn, Abbeel and Levine, Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks, ICML 2017, algorithm 2.
    """
    if len(tasks) == 0:
        raise ValueError("there is no task to learn from")
    losses = []
    for support, query in tasks:
        adapted = adapt(loss_fn, params, support, lr=lr, n_steps=n_steps, first_order=first_order)
        losses.append(loss_fn(adapted, query))
    return torch.stack(losses).mean()
