"""Hidden checks of early_stopping."""

import math

import numpy as np
import pytest
import torch

from mlkata.compare import assert_close, assert_equal, assert_true, assert_type, raises


def follow(module, values, options):
    """EarlyStopping(**options).step(value, model) for each value; the answers, best_value, best_epoch"""
    model, stopper = torch.nn.Linear(1, 1), module.EarlyStopping(**options)
    answers = [stopper.step(value, model) for value in values]
    return answers, stopper.best_value, stopper.best_epoch


def assert_followed(found, stops, value, epoch):
    """`stops` names the epochs after which step says True."""
    answers, best_value, best_epoch = found
    for answer in answers:
        assert_type(answer, (bool, np.bool_), what="what step returns", hint="it is True or False in every epoch")
    told = [place for place, answer in enumerate(answers) if answer]
    assert_equal(told, stops, what="the list of epochs after which step returns True")
    if value is None:
        assert_true(best_value is None and best_epoch is None, "best_value and best_epoch must still be None")
    else:
        assert_true(best_value is not None, "best_value must be set after an improvement, and is None")
        assert_close(best_value, value, what="best_value")
        assert_equal(best_epoch, epoch, what="best_epoch")


@pytest.mark.correctness("Patience", "Best value")
def test_stops_after_bad_epochs_in_a_row(submission):
    """Training stops after `patience` epochs in a row without improvement; an improvement begins the count anew."""
    values = [5.0, 4.0, 4.5, 4.5, 3.0, 3.5, 3.5, 3.25]
    assert_followed(submission.run(follow, values, {"patience": 3}), [7], 3.0, 4)
    assert_followed(submission.run(follow, values, {"patience": 2}), [3, 6, 7], 3.0, 4)
    assert_followed(submission.run(follow, [-1.0, -3.0, -2.0, -1.0], {"patience": 2}), [3], -3.0, 1)


@pytest.mark.correctness("Patience")
def test_patience_of_one_and_of_five(submission):
    """With patience=1 the first bad epoch stops, and by default it is the fifth."""
    values = [2.0, 1.0, 3.0, 3.0, 3.0, 3.0, 3.0]
    assert_followed(submission.run(follow, values[:3], {"patience": 1}), [2], 1.0, 1)
    assert_followed(submission.run(follow, values, {}), [6], 1.0, 1)


@pytest.mark.correctness("Improvement")
def test_max_mode(submission):
    """With mode="max" higher values are better, by more than min_delta."""
    values = [0.25, 0.5, 0.25, 0.625, 0.5, 0.0]
    assert_followed(submission.run(follow, values, {"mode": "max", "patience": 2}), [5], 0.625, 3)
    options = {"mode": "max", "patience": 2, "min_delta": 0.25}
    assert_followed(submission.run(follow, [0.25, 0.375, 0.75, 0.875, 0.625], options), [4], 0.75, 2)
    assert_followed(submission.run(follow, [-4.0, -2.0, -1.5, -1.875], options), [], -1.5, 2)


@pytest.mark.correctness("Improvement", "Best value")
def test_small_steps_add_up(submission):
    """Values are compared with the best one, not with the one before, so that small steps add up to an improvement."""
    options = {"patience": 4, "min_delta": 0.25}
    values = [1.0, 0.875, 0.75, 0.625, 0.5, 0.4375, 0.5625]
    assert_followed(submission.run(follow, values, options), [], 0.625, 3)
    assert_followed(submission.run(follow, [1.0, 0.875, 0.9375, 1.0, 1.0], options), [4], 1.0, 0)
    assert_followed(submission.run(follow, [0.0, 0.5, 0.25, -0.25, -0.5], options), [], -0.5, 4)


def train_on(module, values, good, options):
    """A trained net with BatchNorm: step(value, net) each epoch, restore(net); the states of all epochs, and the end"""
    torch.manual_seed(good)
    net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 2))
    optimizer, stopper = torch.optim.SGD(net.parameters(), lr=0.5, momentum=0.9), module.EarlyStopping(**options)
    states = []
    for value in values:
        optimizer.zero_grad()
        net(torch.randn(8, 3) + 1).square().sum().backward()
        optimizer.step()
        stopper.step(value, net)
        states.append({name: tensor.clone() for name, tensor in net.state_dict().items()})
    stopper.restore(net)
    return states, {name: tensor.clone() for name, tensor in net.state_dict().items()}


def assert_state(found, states, epoch, names):
    for name in names:
        others = [
            place for place, state in enumerate(states) if place != epoch and torch.equal(found[name], state[name])
        ]
        hint = f"it is that of epoch {others[0]} instead of {epoch}" if others else ""
        assert_equal(found[name], states[epoch][name], what=f"the restored {name}", hint=hint)


@pytest.mark.correctness("Restore", "Copy")
@pytest.mark.parametrize(("values", "epoch"), [([3.0, 1.0, 2.0, 2.0], 1), ([1.0, 2.0, 3.0], 0), ([3.0, 2.0, 1.0], 2)])
def test_restores_the_best_weights(submission, values, epoch):
    """The parameters come back as they were after the best epoch, though training went on."""
    states, found = submission.run(train_on, values, epoch, {})
    assert_state(found, states, epoch, ["0.weight", "0.bias", "1.weight", "2.weight", "2.bias"])


@pytest.mark.correctness("Restore", "Copy")
def test_restores_buffers(submission):
    """The running statistics of a BatchNorm come back as well."""
    states, found = submission.run(train_on, [3.0, 1.0, 2.0, 2.0], 1, {"min_delta": 0.5})
    assert_state(found, states, 1, ["1.running_mean", "1.running_var", "1.num_batches_tracked"])


@pytest.mark.edge_case("Improvement")
@pytest.mark.parametrize("mode", ["min", "max"])
def test_min_delta_exactly_met(submission, mode):
    """A difference of exactly min_delta is no improvement, nor is an equal value; the least one beyond is."""
    sign = 1.0 if mode == "min" else -1.0
    options = {"mode": mode, "patience": 2, "min_delta": 0.25}
    values = [sign * value for value in (2.0, 1.75, 1.75, 1.5)]
    assert_followed(submission.run(follow, values, options), [2], sign * 1.5, 3)
    tiny = [sign * (1.0 + step * 2.0**-40) for step in (5, 4, 4, 3)]
    assert_followed(submission.run(follow, tiny, {"mode": mode, "patience": 1}), [2], tiny[3], 3)
    flat = [sign * 2.0] * 4
    assert_followed(submission.run(follow, flat, {"mode": mode, "patience": 3}), [3], sign * 2.0, 0)


@pytest.mark.edge_case("NaN and infinity")
@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_nan_and_infinity(submission, mode, bad):
    """NaN and infinities count as bad epochs and never become the best value, not even at the beginning."""
    sign = 1.0 if mode == "min" else -1.0
    options = {"mode": mode, "patience": 2}
    values = [sign * 3.0, bad, sign * 2.0, sign * 2.5, bad, bad]
    assert_followed(submission.run(follow, values, options), [4, 5], sign * 2.0, 2)
    values = [bad, bad, sign * 4.0, sign * 5.0, sign * 3.5]
    assert_followed(submission.run(follow, values, options), [1], sign * 3.5, 4)
    assert_followed(submission.run(follow, [bad, bad, bad], options), [1, 2], None, None)
    values = [bad, sign * 1e300, sign * 1e301]
    assert_followed(submission.run(follow, values, options), [], sign * 1e300, 1)


def restore_too_early(module, values):
    """EarlyStopping().step(value, model) for each value, and restore(model)"""
    model, stopper = torch.nn.Linear(1, 1), module.EarlyStopping()
    for value in values:
        stopper.step(value, model)
    stopper.restore(model)


@pytest.mark.edge_case("Nothing to restore")
@pytest.mark.parametrize("values", [[], [math.nan, math.inf]], ids=["no epoch", "no improvement"])
def test_nothing_to_restore(submission, values):
    """Without an improvement there is nothing to restore: RuntimeError."""
    with raises(RuntimeError, when=f"restore is called after the values {values}"):
        submission.run(restore_too_early, values)


def restore_again(module, start, other):
    """For three epochs: step, change the weights, restore, change them; the weights, another model's, the answers"""
    model, stopper = torch.nn.Linear(3, 2), module.EarlyStopping(patience=2)
    found, answers = [], []
    with torch.no_grad():
        model.weight.copy_(start)
    for value in (1.0, 2.0, 3.0):
        answers.append(bool(stopper.step(value, model)))
        with torch.no_grad():
            model.weight.copy_(other)
        stopper.restore(model)
        found.append(model.weight.detach().clone())
        with torch.no_grad():
            model.weight.mul_(3)
    twin = torch.nn.Linear(3, 2)
    stopper.restore(twin)
    with torch.no_grad():
        model.weight.zero_()
    return *found, twin.weight.detach(), answers


@pytest.mark.edge_case("Restore", "Copy", "Patience")
def test_restores_more_than_once(submission, torch_rng):
    """Training on after a restore changes neither the copy, which another model can have as well, nor the count."""
    start, other = torch.randn(2, 3, generator=torch_rng), torch.randn(2, 3, generator=torch_rng)
    first, second, _, twin, answers = submission.run(restore_again, start, other)
    assert_equal(first, start, what="the weight after the first restore")
    assert_equal(second, start, what="the weight after the second restore", hint="the copy must not be shared")
    assert_equal(twin, start, what="the weight of another model that is restored")
    hint = "restoring is no improvement"
    assert_equal(answers, [False, False, True], what="the list of answers, with a restore after each", hint=hint)


def keep_objects(module, start, mode):
    """step, SGD step, restore, and another SGD step with a gradient of 1; what stayed, weight and frozen bias"""
    model, stopper = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Dropout()), module.EarlyStopping()
    with torch.no_grad():
        model[0].weight.copy_(start)
        model[0].bias.copy_(start[0])
    model[0].bias.requires_grad_(False)
    model.train(mode)
    weight, bias = model[0].weight, model[0].bias
    optimizer = torch.optim.SGD([weight], lr=0.5)
    weight.grad = torch.ones_like(weight)
    stopper.step(1.0, model)
    same_weight = torch.equal(weight, start) and torch.equal(weight.grad, torch.ones_like(weight))
    untouched = same_weight and model.training == model[1].training == mode
    optimizer.step()
    bias.zero_()
    stopper.step(2.0, model)
    stopper.restore(model)
    optimizer.step()
    same = model[0].weight is weight and model[0].bias is bias
    flags = weight.requires_grad and weight.is_leaf and not bias.requires_grad
    return untouched, same, flags, [model.training, model[1].training], weight.detach().clone(), bias.clone()


@pytest.mark.edge_case("Restore", "Copy")
@pytest.mark.parametrize("mode", [False, True], ids=["eval", "train"])
def test_objects_and_modes_stay(submission, torch_rng, mode):
    """Parameters remain the same objects, so that an optimizer goes on with them, and eval or train mode stays."""
    start = torch.randn(2, 2, generator=torch_rng)
    untouched, same, flags, training, weight, bias = submission.run(keep_objects, start, mode)
    assert_true(untouched, "step must leave the model's weights, gradients and mode as they are")
    assert_true(same, "the model's Parameter objects must stay the same: copy numbers into them")
    assert_true(flags, "requires_grad of the parameters must stay as it was")
    assert_equal(training, [mode, mode], what="the list of model.training and that of a layer, after restore,")
    assert_close(weight, start - 0.5, atol=1e-6, what="the weight after restoring and one more step of the optimizer")
    assert_equal(bias, start[0], what="the restored bias, which requires no gradient,")


def follow_tensor(module, values, options):
    """EarlyStopping(**options).step(loss, model), where loss is one tensor that is changed in place, with a graph"""
    model, stopper = torch.nn.Linear(1, 1), module.EarlyStopping(**options)
    loss, answers, left = torch.zeros(()), [], []
    for value in values:
        loss = loss.detach()
        loss.fill_(value)
        answers.append(stopper.step(loss.requires_grad_(), model))
        left.append(loss.item())
    return answers, stopper.best_value, stopper.best_epoch, left, type(stopper.best_value).__name__


@pytest.mark.edge_case("Kinds of value", "Best value")
def test_kinds_of_value(submission):
    """Tensors, even one that the caller overwrites, numpy numbers and ints serve as values, and a float is kept."""
    values = [3.0, 2.0, 2.5, 2.5, 1.0, 1.5]
    *found, left, kind = submission.run(follow_tensor, values, {"patience": 2})
    assert_followed(found, [3], 1.0, 4)
    assert_close(left, values, what="the list of the tensor's values after each step")
    assert_equal(kind, "float", what="the name of the type of best_value")
    for convert in (np.float32, np.float64, lambda value: torch.tensor(value, dtype=torch.bfloat16)):
        found = submission.run(follow, [convert(value) for value in values], {"patience": 2})
        assert_followed(found, [3], 1.0, 4)
        assert_type(found[1], float, what="best_value")
    found = submission.run(follow, [3, 2, 4, 2], {"patience": 2})
    assert_followed(found, [3], 2.0, 1)
    assert_type(found[1], float, what="best_value of ints")


@pytest.mark.edge_case("Patience")
def test_going_on_after_the_stop(submission):
    """Who goes on after True gets True until there is an improvement, and then False."""
    values = [2.0, 3.0, 3.0, 3.0, 1.0, 3.0, 3.0, 0.5]
    assert_followed(submission.run(follow, values, {"patience": 2}), [2, 3, 6], 0.5, 7)


def in_dtype(module, weight):
    """step, change the weight, restore; the weight"""
    model = torch.nn.Linear(4, 3, bias=False, dtype=weight.dtype)
    stopper = module.EarlyStopping()
    with torch.no_grad():
        model.weight.copy_(weight)
        stopper.step(1.0, model)
        model.weight.mul_(-3).add_(1)
    stopper.restore(model)
    return model.weight.detach()


@pytest.mark.edge_case("Restore")
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
def test_dtypes(submission, torch_rng, dtype):
    """Weights of any float dtype come back to the last bit."""
    weight = torch.randn(3, 4, generator=torch_rng, dtype=torch.float64).to(dtype)
    found = submission.run(in_dtype, weight)
    assert_equal(str(found.dtype), str(dtype), what="the dtype of the restored weight")
    assert_equal(found, weight, what="the restored weight")


def side_by_side(module, pairs):
    """Two stoppers, patience 1 and 3, each with its model, asked in turns, and restored; answers, weights"""
    models = [torch.nn.Linear(1, 1, bias=False) for _ in range(2)]
    stoppers = [module.EarlyStopping(patience=1), module.EarlyStopping(patience=3, mode="max")]
    answers = []
    for epoch, values in enumerate(pairs):
        for place, value in enumerate(values):
            torch.nn.init.constant_(models[place].weight, 10.0 * place + epoch)
            answers.append(bool(stoppers[place].step(value, models[place])))
    for stopper, model in zip(stoppers, models, strict=True):
        stopper.restore(model)
    return answers, [model.weight.item() for model in models]


@pytest.mark.edge_case("Several stoppers")
def test_two_stoppers(submission):
    """Two stoppers side by side do not know of each other."""
    pairs = [(2.0, 1.0), (1.0, 2.0), (3.0, 1.5)]
    answers, weights = submission.run(side_by_side, pairs)
    assert_equal(answers, [False, False, False, False, True, False], what="the list of answers of both, in turns")
    assert_close(weights, [1.0, 11.0], what="the list of restored weights")


def construct(module, options):
    """EarlyStopping(**options)"""
    module.EarlyStopping(**options)


@pytest.mark.edge_case("Errors")
@pytest.mark.parametrize("name", ["patience", "mode", "min_delta"])
def test_errors(submission, name):
    """Another mode, a patience below 1 and a negative min_delta raise ValueError."""
    for value in {"patience": (0, -1), "mode": ("auto", "Max", None), "min_delta": (-0.1, -1e-9)}[name]:
        with raises(ValueError, when=f"{name} is {value!r}"):
            submission.run(construct, {name: value})
