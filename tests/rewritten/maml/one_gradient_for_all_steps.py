"""As graders/maml/wrong/one_gradient_for_all_steps.py, in another hand."""

from torch.func import grad


def _descend(theta, slope, lr):
    return {key: theta[key] - lr * slope[key] for key in theta}


def adapt(loss_fn, params, support, *, lr, n_steps=1, first_order=False):
    theta = {**params}
    gradient = grad(loss_fn)
    if n_steps == 0:
        return theta
    slope = gradient(theta, support)
    if first_order:
        slope = {key: g.detach() for key, g in slope.items()}
    for _ in range(n_steps):
        theta = _descend(theta, slope, lr)
    return theta


def maml_loss(loss_fn, params, tasks, *, lr, n_steps=1, first_order=False):
    if not tasks:
        raise ValueError("no tasks")

    def judge(task):
        support, query = task
        theta = adapt(loss_fn, params, support, lr=lr, n_steps=n_steps, first_order=first_order)
        return loss_fn(theta, query)

    scores = [judge(task) for task in tasks]
    return sum(scores) / len(scores)
