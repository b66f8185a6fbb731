"""As graders/maml/wrong/judged_by_the_support.py, in another hand."""

from torch.func import grad


def _descend(theta, slope, lr):
    return {key: theta[key] - lr * slope[key] for key in theta}


def adapt(loss_fn, params, support, *, lr, n_steps=1, first_order=False):
    theta = {**params}
    gradient = grad(loss_fn)
    step = 0
    while step < n_steps:
        slope = gradient(theta, support)
        if first_order:
            slope = {key: g.detach() for key, g in slope.items()}
        theta = _descend(theta, slope, lr)
        step += 1
    return theta


def maml_loss(loss_fn, params, tasks, *, lr, n_steps=1, first_order=False):
    if not tasks:
        raise ValueError("no tasks")

    def judge(task):
        support = task[0]
        theta = adapt(loss_fn, params, support, lr=lr, n_steps=n_steps, first_order=first_order)
        return loss_fn(theta, support)

    scores = [judge(task) for task in tasks]
    return sum(scores) / len(scores)
