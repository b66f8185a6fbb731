"""Visible examples of wgan_gp: run them with `pytest exercises/wgan_gp`."""

import torch

from mlkata.compare import assert_close


def half_square(x):
    return x.square().sum(dim=1) / 2


def all_three(module, real, fake, alpha):
    """gradient_penalty, critic_loss and generator_loss with the critic (x ** 2).sum(dim=1) / 2"""
    penalty = module.gradient_penalty(half_square, real, fake, alpha=alpha)
    return penalty, module.critic_loss(half_square, real, fake, alpha=alpha), module.generator_loss(half_square, fake)


def test_worked_example(submission):
    """The worked example of README.md: two samples, norms 3.605551 and 0.5."""
    real, fake = torch.tensor([[0.0, 4.0], [2.0, 0.0]]), torch.tensor([[6.0, 0.0], [0.0, 0.0]])
    penalty, critic, generator = submission.run(all_three, real, fake, torch.tensor([0.5, 0.25]))
    assert_close(penalty, 3.519449, what="the penalty")
    assert_close(critic, 39.194487, what="the loss of the critic")
    assert_close(generator, -9.0, what="the loss of the generator")


def slope_of_penalty(module, w, real, fake):
    """The gradient of gradient_penalty(critic, real, fake) by w, for the critic x @ w"""
    w = w.clone().requires_grad_()
    penalty = module.gradient_penalty(lambda x: x @ w, real, fake)
    return penalty, torch.autograd.grad(penalty, w)[0]


def test_gradient_by_a_weight(submission):
    """The critic x @ [3, 4] has slope 5 everywhere: the penalty is 16, its gradient 2 * (5 - 1) * [3, 4] / 5."""
    penalty, slope = submission.run(slope_of_penalty, torch.tensor([3.0, 4.0]), torch.rand(3, 2), torch.rand(3, 2))
    assert_close(penalty, 16.0, what="the penalty")
    assert_close(slope, [4.8, 6.4], what="the gradient of the penalty by w")
