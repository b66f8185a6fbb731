"""Hidden checks of mlp_backprop."""

import math

import numpy as np
import pytest

from mlkata.compare import assert_close, assert_dtype, assert_equal, assert_finite, assert_shape, raises

NAMES = ("W1", "b1", "W2", "b2")


def logits_of(params, row, activation):
    """The logits of one sample, unit by unit in Python floats."""
    W1, b1, W2, b2 = (np.asarray(params[name], dtype=float).tolist() for name in NAMES)
    hidden = []
    for j, bias in enumerate(b1):
        z = sum(value * W1[i][j] for i, value in enumerate(row)) + bias
        hidden.append(max(z, 0.0) if activation == "relu" else math.tanh(z))
    return [sum(a * W2[j][k] for j, a in enumerate(hidden)) + bias for k, bias in enumerate(b2)]


def probabilities(params, X, activation):
    rows = [logits_of(params, row, activation) for row in np.asarray(X, dtype=float).tolist()]
    weights = [[math.exp(value - max(row)) for value in row] for row in rows]
    return [[value / sum(row) for value in row] for row in weights]


def loss_of(params, X, y, activation="relu", l2=0.0):
    P = probabilities(params, X, activation)
    entropy = sum(-math.log(row[label]) for row, label in zip(P, y, strict=True)) / len(P)
    return entropy + l2 / 2 * sum(float((params[name] ** 2).sum()) for name in ("W1", "W2"))


def slopes(function, values, step=1e-5):
    """Central differences of a function of an array."""
    found = np.zeros(values.shape)
    for index in np.ndindex(values.shape):
        shift = np.zeros(values.shape)
        shift[index] = step
        found[index] = (function(values + shift) - function(values - shift)) / (2 * step)
    return found


def slope_by(name, params, X, y, activation="relu", l2=0.0):
    if name == "X":
        return slopes(lambda value: loss_of(params, value, y, activation, l2), X)
    return slopes(lambda value: loss_of({**params, name: value}, X, y, activation, l2), params[name])


def draw(rng, n=5, d=3, h=4, c=3):
    """Parameters, samples and labels; hidden units keep 1e-3 off the kink of ReLU, and each is on for some sample."""
    while True:
        shapes = {"W1": (d, h), "b1": (h,), "W2": (h, c), "b2": (c,)}
        params = {name: rng.normal(size=shape) for name, shape in shapes.items()}
        X, y = rng.normal(size=(n, d)), np.append(np.arange(n - 1) % c, 0)
        z = X @ params["W1"] + params["b1"]
        if np.abs(z).min() > 1e-3 and (z > 0).any(axis=0).all() and (z < 0).any():
            return params, X, y


@pytest.mark.correctness("Probabilities", "Activation", "Shapes")
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_probabilities_of_a_batch(submission, rng, activation):
    """Each row holds the softmax of the sample's logits."""
    params, X, _ = draw(rng)
    found = submission.predict_proba(params, X, activation=activation)
    assert_close(found, probabilities(params, X, activation), rtol=1e-9, what="the matrix of probabilities")


@pytest.mark.correctness("Loss", "Activation")
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_loss(submission, rng, activation):
    """Without a penalty the loss is the mean cross-entropy of the batch, whose default activation is ReLU."""
    params, X, y = draw(rng)
    options = {} if activation == "relu" else {"activation": activation}
    loss, _ = submission.loss_and_grads(params, X, y, **options)
    assert_close(loss, loss_of(params, X, y, activation), rtol=1e-9, what="the loss")


@pytest.mark.correctness("Gradients", "Activation")
@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("name", NAMES)
def test_gradient_of_each_parameter(submission, rng, name, activation):
    """Every gradient is the slope of the loss, as finite differences find it."""
    params, X, y = draw(rng)
    _, grads = submission.loss_and_grads(params, X, y, activation=activation)
    expected = slope_by(name, params, X, y, activation)
    hint = "it is the sum over the batch of terms that hold 1/n already" if name in ("b1", "b2") else ""
    assert_close(
        grads[name], expected, rtol=1e-4, atol=1e-7, what=f"the gradient of {name} under {activation}", hint=hint
    )


@pytest.mark.correctness("Gradients")
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_gradient_of_the_input(submission, rng, activation):
    """The chain goes on to the input: a lower layer would need that gradient."""
    params, X, y = draw(rng)
    _, grads = submission.loss_and_grads(params, X, y, activation=activation)
    assert_equal(sorted(grads), ["W1", "W2", "X", "b1", "b2"], what="the list of gradients")
    expected = slope_by("X", params, X, y, activation)
    assert_close(grads["X"], expected, rtol=1e-4, atol=1e-7, what="the gradient of X")


@pytest.mark.correctness("Loss", "Gradients")
def test_penalty(submission, rng):
    """The penalty is l2 / 2 times the squares of both weight matrices, and adds l2 * W to their gradients alone."""
    params, X, y = draw(rng)
    loss, grads = submission.loss_and_grads(params, X, y, l2=0.7)
    assert_close(loss, loss_of(params, X, y, l2=0.7), rtol=1e-9, what="the loss with l2=0.7")
    for name in NAMES:
        expected = slope_by(name, params, X, y, l2=0.7)
        assert_close(grads[name], expected, rtol=1e-4, atol=1e-7, what=f"the gradient of {name} with l2=0.7")


@pytest.mark.correctness("Training", "Activation", "Loss")
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_steps_of_training(submission, rng, activation):
    """Three steps go down gradients all taken before anything moves; the losses are those from before each step."""
    params, X, y = draw(rng, n=4, d=2, h=3)
    options = {"activation": activation, "l2": 0.3}
    expected, losses = dict(params), []
    for _ in range(3):
        losses.append(loss_of(expected, X, y, **options))
        slope = {name: slope_by(name, expected, X, y, **options) for name in NAMES}
        expected = {name: value - 0.2 * slope[name] for name, value in expected.items()}
        if np.abs(X @ expected["W1"] + expected["b1"]).min() < 1e-4:
            break  # a unit came too near to the kink of ReLU for finite differences
    found, history = submission.train(params, X, y, lr=0.2, n_steps=len(losses), **options)
    hint = "take all gradients first, then move all parameters"
    assert_close(history, losses, rtol=1e-5, what="the list of losses", hint=hint)
    assert_equal(sorted(found), sorted(NAMES), what="the list of parameters that train returns")
    for name in NAMES:
        assert_close(found[name], expected[name], rtol=1e-5, atol=1e-6, what=f"{name} after training")


@pytest.mark.correctness("Training")
def test_default_training(submission):
    """Without options train takes 100 steps with a learning rate of 0.1."""
    params = {"W1": np.zeros((1, 1)), "b1": np.zeros(1), "W2": np.zeros((1, 2)), "b2": np.array([0.5, -0.5])}
    X, y = np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([0, 1, 1, 1])
    found, history = submission.train(params, X, y)
    gap, losses = 1.0, []  # only b2 moves: a logistic regression without features
    for _ in range(100):
        losses.append(0.25 * math.log1p(math.exp(-gap)) + 0.75 * math.log1p(math.exp(gap)))
        gap -= 0.1 * 2 * (1 / (1 + math.exp(-gap)) - 0.25)
    assert_shape(history, (100,), what="the list of losses")
    assert_close(history, losses, rtol=1e-9, what="the list of losses")
    assert_close(found["b2"], [gap / 2, -gap / 2], rtol=1e-9, what="b2 after training")


@pytest.mark.edge_case("ReLU at zero")
def test_relu_at_zero(submission):
    """A hidden unit that is exactly at 0 lets no gradient through."""
    params = {
        "W1": np.array([[1.0, 2.0]]),
        "b1": np.array([0.0, 1.0]),
        "W2": np.array([[1.0, -1.0], [0.5, 0.5]]),
        "b2": np.zeros(2),
    }
    loss, grads = submission.loss_and_grads(params, np.array([[0.0]]), np.array([0]))
    assert_close(loss, math.log(2), what="the loss")
    assert_close(grads["b1"], [0.0, 0.0], what="the gradient of b1", hint="the first unit is at 0")
    assert_close(grads["W2"], [[0.0, 0.0], [-0.5, 0.5]], what="the gradient of W2")
    params["b1"] = np.array([-2.0, 1.0])
    _, grads = submission.loss_and_grads(params, np.array([[2.0], [3.0]]), np.array([0, 1]))
    # The first sample's first unit is at 0; only the second sample reaches it, with logits 4.5 and 2.5.
    p = 1 / (1 + math.exp(-2.0))
    assert_close(grads["b1"], [p, 0.0], what="the gradient of b1 where one sample's unit is at 0")


@pytest.mark.edge_case("Extreme logits")
@pytest.mark.parametrize("scale", [800.0, 5e3])
def test_extreme_logits(submission, scale):
    """Logits of thousands harm neither their own sample nor others: a wrong one costs their difference."""
    params = {"W1": np.eye(2), "b1": np.zeros(2), "W2": np.array([[1.0, -1.0], [-1.0, 1.0]]), "b2": np.zeros(2)}
    X, y = np.array([[scale, 0.0], [0.0, scale], [scale, 0.0], [0.0, 0.0]]), np.array([1, 1, 0, 0])
    loss, grads = submission.loss_and_grads(params, X, y)
    expected = (2 * scale + math.log(2)) / 4
    assert_close(loss, expected, rtol=1e-9, what="the loss", hint="use the logarithm of the softmax, shifted")
    for name, value in grads.items():
        assert_finite(value, what=f"the gradient of {name}")
    assert_close(grads["b2"], [1 / 8, -1 / 8], what="the gradient of b2")
    assert_close(grads["X"][0], [1 / 2, 0.0], what="the gradient of the sample that is wrong")
    found = submission.predict_proba(params, X)
    assert_close(found, [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.5, 0.5]], what="the matrix of probabilities")


@pytest.mark.edge_case("Shapes", "Gradients")
@pytest.mark.parametrize(
    "sizes",
    [(1, 3, 2, 4), (4, 1, 3, 2), (3, 2, 1, 3), (3, 2, 2, 1)],
    ids=["one sample", "one feature", "one unit", "one class"],
)
def test_sizes_of_one(submission, rng, sizes):
    """A single sample, feature, hidden unit or class keeps its axis."""
    n, d, h, c = sizes
    shapes = {"W1": (d, h), "b1": (h,), "W2": (h, c), "b2": (c,)}
    params = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    X, y = rng.normal(size=(n, d)), np.array([1, 0, 1, 0])[:n] % c
    loss, grads = submission.loss_and_grads(params, X, y, activation="tanh")
    assert_close(loss, loss_of(params, X, y, "tanh"), rtol=1e-9, what="the loss")
    for name in (*NAMES, "X"):
        expected = slope_by(name, params, X, y, "tanh")
        assert_close(grads[name], expected, rtol=1e-4, atol=1e-7, what=f"the gradient of {name}")


@pytest.mark.edge_case("Dtype")
def test_kinds_of_input(submission, rng):
    """Integers, float32, slices, transposes and lists serve as well, and everything is computed in float64."""
    params, X, y = draw(rng, n=6)
    small, pixels = {name: value.astype(np.float32) for name, value in params.items()}, rng.integers(0, 4, size=(6, 3))
    wide = {name: value.astype(float) for name, value in small.items()}
    for given in (pixels.astype(np.uint8), pixels.tolist(), pixels.astype(np.float32)):
        for labels in (y.astype(np.uint8), y.tolist()):
            loss, grads = submission.loss_and_grads(small, given, labels, activation="tanh", l2=0.3)
            expected = loss_of(wide, pixels, y, "tanh", 0.3)
            assert_close(loss, expected, rtol=1e-10, what="the loss of float32 parameters")
            for name in (*NAMES, "X"):
                assert_dtype(grads[name], "float64", what=f"the gradient of {name}")
    assert_dtype(submission.predict_proba(small, X.astype(np.float32)), "float64", what="the matrix of probabilities")
    trained, _ = submission.train(small, pixels, y, n_steps=1)
    assert_dtype(trained["W2"], "float64", what="W2 after training")
    whole = {"W1": [[12], [7]], "b1": [3], "W2": [[1, 0]], "b2": [0, 127]}
    whole = {name: np.array(value, dtype=np.int8) for name, value in whole.items()}
    found, _ = submission.loss_and_grads(whole, np.array([[9, 5], [10, 3]], dtype=np.int8), [1, 0], l2=2.0)
    # Hidden units of 146 and 144, differences of logits of 19 and 17, and squares that sum to 194.
    expected = (math.log1p(math.exp(19)) + math.log1p(math.exp(-17))) / 2 + 194
    assert_close(found, expected, rtol=1e-10, what="the loss of int8 parameters")
    trained, _ = submission.train(whole, [[9, 5], [10, 3]], [1, 0], n_steps=0)
    assert_dtype(trained["W1"], "float64", what="W1 after no steps from int8 parameters")
    turned = {name: value.T.copy().T for name, value in params.items()}
    loss, grads = submission.loss_and_grads(turned, np.repeat(X, 2, axis=0)[::2], np.repeat(y, 2)[::2])
    assert_close(loss, loss_of(params, X, y), rtol=1e-9, what="the loss of slices")
    expected = slope_by("W1", params, X, y)
    assert_close(grads["W1"], expected, rtol=1e-4, atol=1e-7, what="the gradient of W1 for slices")


@pytest.mark.edge_case("Probabilities", "Training")
def test_nothing_to_do(submission, rng):
    """No samples have no probabilities, and no steps leave the parameters where they were."""
    params, X, y = draw(rng)
    assert_shape(submission.predict_proba(params, np.zeros((0, 3))), (0, 3), what="the matrix for no samples")
    found, history = submission.train(params, X, y, n_steps=0)
    assert_close(found["W1"], params["W1"], rtol=1e-12, what="W1 after no steps")
    assert_shape(np.asarray(history), (0,), what="the list of losses after no steps")


@pytest.mark.edge_case("Bad input", "Activation")
def test_bad_input(submission, rng):
    """Labels that are no class, lengths that differ, an empty batch and unknown activations raise ValueError."""
    params, X, y = draw(rng)
    for when, given, labels in (
        ("a label is -1", X, [0, 1, 2, -1, 0]),
        ("a label is 3 and there are 3 classes", X, [0, 1, 3, 1, 0]),
        ("there are 5 samples and 4 labels", X, y[:4]),
        ("there are 4 samples and 5 labels", X[:4], y),
        ("there are no samples", X[:0], y[:0]),
    ):
        with raises(ValueError, when=when):
            submission.loss_and_grads(params, given, np.array(labels, dtype=int))
    with raises(ValueError, when="the activation is 'gelu'"):
        submission.loss_and_grads(params, X, y, activation="gelu")
    with raises(ValueError, when="the activation of predict_proba is 'linear'"):
        submission.predict_proba(params, X, activation="linear")
    with raises(ValueError, when="the activation of train is 'Relu'"):
        submission.train(params, X, y, activation="Relu", n_steps=2)
    with raises(ValueError, when="the activation of train is 'elu' and there are no steps"):
        submission.train(params, X, y, activation="elu", n_steps=0)
    with raises(ValueError, when="train gets the label 3 and there are 3 classes"):
        submission.train(params, X, [0, 1, 3, 1, 0], n_steps=2)


def all_three(module, params, X, y):
    """predict_proba(params, X), loss_and_grads(params, X, y), train(params, X, y, n_steps=2)"""
    P = module.predict_proba(params, X)
    _, grads = module.loss_and_grads(params, X, y, l2=0.1)
    trained, _ = module.train(params, X, y, n_steps=2)
    module.train(params, X, y, n_steps=0)[0]["W1"][:] = 7.0
    for value in [*grads.values(), *trained.values()]:
        value += 1.0
    return P


@pytest.mark.edge_case("Arguments")
def test_arguments_stay_as_they_were(submission, rng):
    """Parameters, samples and labels are not written to, also not through what is returned."""
    params, X, y = draw(rng)
    seen = submission.probe(all_three).observe(params, X, y)
    assert_close(seen.value, probabilities(params, X, "relu"), rtol=1e-9, what="the matrix of probabilities")
    seen.assert_unchanged(hint="what train and loss_and_grads return must not share memory with it either")


def large_batch(rng):
    shapes = {"W1": (20, 16), "b1": (16,), "W2": (16, 5), "b2": (5,)}
    params = {name: 0.3 * rng.normal(size=shape) for name, shape in shapes.items()}
    return params, rng.normal(size=(4000, 20)), rng.integers(5, size=4000)


def judge_large_batch(result, params, X, y):
    loss, grads = result
    hidden = np.maximum(X @ params["W1"] + params["b1"], 0)
    weights = np.exp(hidden @ params["W2"] + params["b2"])
    P = weights / weights.sum(axis=1, keepdims=True)
    assert_close(loss, -np.log(P[np.arange(len(y)), y]).mean(), rtol=1e-9, what="the loss of the large batch")
    expected = (P - np.eye(5)[y]).mean(axis=0)
    assert_close(grads["b2"], expected, rtol=1e-6, atol=1e-9, what="the gradient of b2")


@pytest.mark.performance("Speed")
def test_cpu_time(submission, measure):
    """A large batch is handled whole: no Python loop over samples."""
    measure.cpu_ratio("loss_and_grads", large_batch, at_most=25.0, judge=judge_large_batch, hint="work on whole arrays")
