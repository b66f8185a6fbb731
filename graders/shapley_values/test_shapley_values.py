"""Hidden checks of shapley_values."""

import itertools
import math

import numpy as np
import pytest

from mlkata.compare import assert_close, assert_dtype, assert_shape, assert_true, raises

TIGHT = {"rtol": 1e-8, "atol": 1e-8}


def worth(predict, x, background, members):
    """v(S), row by row: the features in S from the sample, the others from the background."""
    rows = [[x[j] if j in members else b[j] for j in range(len(x))] for b in np.asarray(background).tolist()]
    return float(np.mean(predict(np.array(rows, dtype=float)), dtype=float))


def by_orders(predict, x, background):
    """The average over all orders of the features of what the prediction gains when a feature joins."""
    x, features = np.asarray(x).tolist(), range(len(x))
    subsets = itertools.chain.from_iterable(itertools.combinations(features, size) for size in range(len(x) + 1))
    v = {frozenset(members): worth(predict, x, background, members) for members in subsets}
    total = [0.0] * len(x)
    for order in itertools.permutations(features):
        joined = frozenset()
        for j in order:
            total[j] += v[joined | {j}] - v[joined]
            joined |= {j}
    return [part / math.factorial(len(x)) for part in total]


def assert_explained(found, predict, X, background):
    """Values are those of the average over all orders, and the base value is the mean prediction."""
    values, base_value = found
    expected = np.array([by_orders(predict, x, background) for x in X]).reshape(np.shape(X))
    assert_close(values, expected, **TIGHT, what="the array of values")
    assert_dtype(values, "float64", what="the array of values")
    assert_close(base_value, worth(predict, X[0], background, ()), **TIGHT, what="the base value")


def product(rows):
    return np.prod(rows, axis=1)


def tangled(rows):
    """A model of four features or more, in which none adds to the others."""
    a, b, c, d = rows[:, :4].T
    return a * b * c + np.maximum(a, 2 * d) - np.tanh(b - c) * d + 0.5 * a


class Recorder:
    """A model that remembers the arrays it is given."""

    def __init__(self, model):
        self.model = model
        self.__name__ = model.__name__
        self.given = []

    def __call__(self, rows, /):
        self.given.append(rows)
        return self.model(rows)


def draw(rng, n_samples, n_background, n_features):
    return rng.normal(size=(n_samples, n_features)), rng.normal(loc=0.5, size=(n_background, n_features))


@pytest.mark.correctness("Game", "Values", "Result")
def test_product_of_two_features(submission):
    """The product of two features is divided as by hand, and the base value is the mean product."""
    X, background = np.array([[2.0, 6.0]]), np.array([[1.0, 3.0], [5.0, 1.0], [3.0, 11.0]])
    values, base_value = submission.shapley_values(product, X, background)
    # v is 41/3 for none, 2 * 5 for the first feature, 6 * 3 for the second, 12 for both.
    assert_close(base_value, 41 / 3, **TIGHT, what="the base value")
    expected = [[(10 - 41 / 3 + 12 - 18) / 2, (18 - 41 / 3 + 12 - 10) / 2]]
    assert_close(values, expected, **TIGHT, what="the array of values")


@pytest.mark.correctness("Values", "Game")
def test_linear_model(submission, rng):
    """In a linear model a feature gets its weight times its distance from the background's mean."""
    X, background = draw(rng, 2, 4, 5)
    weights = rng.uniform(1, 3, size=5) * [1, -1, 1, 1, -1]

    def linear(rows):
        return rows @ weights + 2.5

    values, base_value = submission.shapley_values(linear, X, background)
    assert_close(values, weights * (X - background.mean(axis=0)), **TIGHT, what="the array of values")
    assert_close(base_value, weights @ background.mean(axis=0) + 2.5, **TIGHT, what="the base value")


@pytest.mark.correctness("Values", "Game", "Result")
@pytest.mark.parametrize("n_features", [4, 5])
def test_average_over_all_orders(submission, rng, n_features):
    """With interactions, the values of each sample are its average gains over all orders of the features."""
    X, background = draw(rng, 3, 6, n_features)
    assert_explained(submission.shapley_values(tangled, X, background), tangled, X, background)


@pytest.mark.correctness("Values", "Result")
@pytest.mark.parametrize("n_features", [3, 6, 7])
def test_values_add_up(submission, rng, n_features):
    """The values of a sample and the base value add up to its prediction."""

    def product_and_maximum(rows):
        return np.prod(rows + 1.5, axis=1) + np.max(rows, axis=1)

    X, background = draw(rng, 3, 5, n_features)
    values, base_value = submission.shapley_values(product_and_maximum, X, background)
    assert_shape(values, X.shape, what="the array of values")
    assert_close(base_value, product_and_maximum(background).mean(), **TIGHT, what="the base value")
    total = np.sum(values, axis=1) + base_value
    assert_close(total, product_and_maximum(X), **TIGHT, what="the sum of base value and values")


@pytest.mark.correctness("Values")
def test_order_of_the_features(submission, rng):
    """Features that do the same get the same value, and the order of the columns does not matter."""

    def alike(rows):
        return rows[:, 0] * rows[:, 2] * np.exp(rows[:, 1]) + rows[:, 0] + rows[:, 2]

    X, background = draw(rng, 2, 3, 3)
    X[:, 2], background[:, 2] = X[:, 0], background[:, 0]
    values, _ = submission.shapley_values(alike, X, background)
    assert_close(values[:, 0], values[:, 2], **TIGHT, what="the value of the first of two features that do the same")
    order = np.array([2, 0, 3, 1])

    def tangled_in_another_order(rows):
        return tangled(rows[:, np.argsort(order)])

    X, background = draw(rng, 2, 3, 4)
    moved, _ = submission.shapley_values(tangled_in_another_order, X[:, order], background[:, order])
    expected = np.array([by_orders(tangled, x, background) for x in X])[:, order]
    assert_close(moved, expected, **TIGHT, what="the array of values for columns in another order")


@pytest.mark.correctness("Values")
def test_unused_feature(submission, rng):
    """A feature that the model does not look at gets 0 and leaves the values of the others as they were."""
    used = [0, 1, 3, 4]

    def tangled_without_the_third(rows):
        return tangled(rows[:, used])

    X, background = draw(rng, 2, 5, 5)
    values, _ = submission.shapley_values(tangled_without_the_third, X, background)
    assert_close(values[:, 2], [0.0, 0.0], **TIGHT, what="the value of a feature that the model does not look at")
    without = [by_orders(tangled, x, background[:, used]) for x in X[:, used]]
    assert_close(values[:, used], without, **TIGHT, what="the value of a feature beside it")


@pytest.mark.correctness("Values")
def test_sum_of_two_models(submission, rng):
    """The values of a weighted sum of two models are the weighted sums of their values."""

    def sum_of_models(rows):
        return 3 * tangled(rows) - product(rows + 2.0)

    X, background = draw(rng, 2, 5, 4)
    one, _ = submission.shapley_values(tangled, X, background)
    other, _ = submission.shapley_values(product, X + 2.0, background + 2.0)
    values, _ = submission.shapley_values(sum_of_models, X, background)
    expected = 3 * np.asarray(one) - np.asarray(other)
    assert_close(values, expected, **TIGHT, what="the array of values of a sum of models")
    assert_true(np.any(one) and np.any(other), "the values of a model that uses every feature are all 0")


@pytest.mark.edge_case("Input", "Result")
def test_one_feature(submission, rng):
    """A feature that is alone gets all of the difference between the prediction and the base value."""

    def exponential(rows):
        return np.exp(rows[:, 0])

    X, background = draw(rng, 3, 4, 1)
    values, base_value = submission.shapley_values(exponential, X, background)
    expected = np.exp(background).mean()
    assert_close(base_value, expected, **TIGHT, what="the base value")
    assert_close(values, np.exp(X) - expected, **TIGHT, what="the array of values")


@pytest.mark.edge_case("Input", "Game")
def test_one_background_row(submission, rng):
    """With one background row, features that agree with it get 0; a sample that equals it gets nothing but zeros."""
    X, background = draw(rng, 3, 1, 4)
    X[0, 1], X[1] = background[0, 1], background[0]
    values, base_value = submission.shapley_values(tangled, X, background)
    assert_explained((values, base_value), tangled, X, background)
    assert_close(values[0, 1], 0.0, **TIGHT, what="the value of a feature that agrees with the background")
    assert_close(values[1], np.zeros(4), **TIGHT, what="the row of values of a sample that equals the background")


@pytest.mark.edge_case("No samples", "Predict")
def test_no_samples(submission, rng):
    """Without samples the array of values has no rows, and the base value is there."""
    _, background = draw(rng, 0, 5, 4)
    model = Recorder(tangled)
    values, base_value = submission.shapley_values(model, np.empty((0, 4)), background)
    assert_shape(values, (0, 4), what="the array of values")
    assert_dtype(values, "float64", what="the array of values")
    assert_close(base_value, tangled(background).mean(), **TIGHT, what="the base value")
    assert_true(all(len(rows) for rows in model.given), "predict must be given one row or more")


@pytest.mark.edge_case("Input")
@pytest.mark.parametrize("kind", ["int background", "int samples", "uint8", "bool", "float32", "strided", "lists"])
def test_kinds_of_input(submission, rng, kind):
    """Integers, bools, float32, non-contiguous arrays and nested lists are taken at their exact values."""
    X, background = draw(rng, 2, 4, 4)
    whole = rng.integers(1, 10, size=(6, 4))
    given = {
        "int background": (X, whole),
        "int samples": (whole[:2], background),
        "uint8": (whole[:2].astype("uint8"), whole[2:].astype("uint8")),
        "bool": (X, whole > 5),
        "float32": (X.astype("float32"), background.astype("float32")),
        "strided": (np.asfortranarray(X), np.repeat(background, 2, axis=0)[::2]),
        "lists": (X.tolist(), whole.tolist()),
    }[kind]
    assert_explained(submission.shapley_values(tangled, *given), tangled, *given)


@pytest.mark.edge_case("Entries")
def test_nan_and_infinity(submission, rng):
    """NaN and infinity reach the model where they belong, and nowhere else."""

    def patient(rows):
        return np.where(np.isnan(rows[:, 0]), 7.0, rows[:, 0] * rows[:, 1]) + np.clip(rows[:, 2], -3, 4) * rows[:, 1]

    X, background = draw(rng, 3, 4, 3)
    X[0, 0], X[1, 2], background[2, 0], background[0, 2], background[1, 2] = np.nan, np.inf, np.nan, np.inf, -np.inf
    assert_explained(submission.shapley_values(patient, X, background), patient, X, background)


@pytest.mark.edge_case("Predict", "Precision")
@pytest.mark.parametrize("dtype", ["bool", "uint8", "int8", "float32"])
def test_predictions_of_other_dtypes(submission, rng, dtype):
    """Bools, small integers and float32 that the model returns are averaged and subtracted as float64."""

    def threshold_or_clip(rows):
        score = tangled(rows)
        return (score > 1 if dtype == "bool" else np.clip(40 * score, 0, 120)).astype(dtype)

    X, background = draw(rng, 2, 9, 4)
    assert_explained(submission.shapley_values(threshold_or_clip, X, background), threshold_or_clip, X, background)


@pytest.mark.edge_case("Predict", "Entries")
@pytest.mark.parametrize("kind", ["floats", "int background", "ints", "bools", "float32"])
def test_rows_that_predict_is_given(submission, rng, kind):
    """The model is given float64 arrays of rows, in which every number is one of the sample or of the background."""
    X, background = rng.uniform(1, 9, size=(1, 3)) * [1e9, 1.0, 1e-9], rng.uniform(1, 9, size=(4, 3))
    given = {
        "floats": (X, background),
        "int background": (X, background.astype(int)),
        "ints": (np.ceil(X).astype("int64"), background.astype("int32")),
        "bools": (X > 5, background > 4),
        "float32": (X.astype("float32"), background.astype("float32")),
    }[kind]
    model = Recorder(product)
    submission.shapley_values(model, *given)
    X, background = (table.astype(float) for table in given)
    for rows in model.given:
        assert_shape(rows, (len(rows), 3), what="the array that predict is given")
        assert_dtype(rows, "float64", what="the array that predict is given")
        for j in range(3):
            known = np.isin(rows[:, j], [X[0, j], *background[:, j]])
            assert_true(known.all(), "predict is given a number that is neither in the sample nor in the background")
    n_whole = sum(int((rows == X[0]).all(axis=1).sum()) for rows in model.given)
    assert_true(n_whole > 0, "predict is never given the sample itself")


@pytest.mark.edge_case("Budget")
@pytest.mark.parametrize("n_features", [1, 3, 6])
def test_number_of_predictions(submission, rng, n_features):
    """Each set of features is evaluated once for a sample, in at most one call."""
    X, background = draw(rng, 2, 3, n_features)
    model = Recorder(product)
    values, base_value = submission.shapley_values(model, X, background)
    most = 2 * 2**n_features + 1
    n_calls, n_rows = len(model.given), sum(map(len, model.given))
    assert_true(n_rows <= 3 * most, "predict is given too many rows", f"{n_rows}, at most {3 * most} are allowed")
    assert_true(n_calls <= most, "predict is called too often", f"{n_calls} calls, at most {most} are allowed")
    total = np.sum(values, axis=1) + base_value
    assert_close(total, np.prod(X, axis=1), **TIGHT, what="the sum of base value and values")


def drive_overwriting(module, X, background):
    """shapley_values(predict, X, background), where predict works in place"""

    def predict(rows):
        rows[:, 0] *= rows[:, 1]
        rows[:, 0] += rows[:, 2]
        rows[:, 1:] = np.nan
        return rows[:, 0]

    return module.shapley_values(predict, X, background)


@pytest.mark.edge_case("Fresh arrays", "Arguments")
@pytest.mark.parametrize("n_background", [1, 4])
def test_predict_that_overwrites(submission, rng, n_background):
    """A model may write into what it is given: the values are right all the same, and X and background unchanged."""
    X, background = draw(rng, 2, n_background, 3)
    seen = submission.probe(drive_overwriting).observe(X, background)
    seen.assert_unchanged(hint="predict may overwrite what it is given")
    assert_explained(seen.value, lambda rows: rows[:, 0] * rows[:, 1] + rows[:, 2], X, background)


@pytest.mark.edge_case("Predict")
def test_prediction_of_another_shape(submission, rng):
    """ValueError is raised where the model does not return one number for each row."""

    def column(rows):
        return rows[:, :1]

    def two_columns(rows):
        return rows

    def number(rows):
        return float(rows[0, 0])

    def row_too_few(rows):
        return rows[1:, 0]

    X, background = draw(rng, 2, 3, 2)
    with raises(ValueError, when="predict returns a column of shape (n_rows, 1)"):
        submission.shapley_values(column, X, background)
    with raises(ValueError, when="predict returns two columns"):
        submission.shapley_values(two_columns, X, background)
    with raises(ValueError, when="predict returns a single number"):
        submission.shapley_values(number, X, background)
    with raises(ValueError, when="predict returns a row too few"):
        submission.shapley_values(row_too_few, X, background)


def drive_broken_model(module, X, background):
    """shapley_values(predict, X, background), where predict raises RuntimeError"""

    def predict(rows):
        raise RuntimeError("this model is broken")

    return module.shapley_values(predict, X, background)


@pytest.mark.edge_case("Errors", "Input")
def test_bad_input(submission):
    """Tables that do not fit, or are too large or too small, are refused before the model is asked."""
    refused = [
        (np.ones(3), np.ones((4, 3)), "X is one-dimensional"),
        (np.ones((2, 3)), np.ones(3), "the background is one-dimensional"),
        (np.ones((1, 2, 3)), np.ones((4, 3)), "X is three-dimensional"),
        (np.ones((2, 3)), np.ones((4, 2)), "X has 3 features and the background 2"),
        (np.ones((2, 1)), np.ones((4, 3)), "X has 1 feature and the background 3"),
        (np.ones((2, 3)), np.ones((4, 1)), "X has 3 features and the background 1"),
        (np.ones((2, 3)), np.ones((0, 3)), "the background has no rows"),
        (np.ones((2, 0)), np.ones((4, 0)), "there is no feature"),
        (np.ones((1, 21)), np.ones((1, 21)), "there are 21 features"),
        (np.ones((0, 3)), np.ones((4, 2)), "X has no rows of 3 features and the background has 2"),
        (np.ones((0, 3)), np.ones((0, 3)), "neither X nor the background has rows"),
        (np.ones((0, 21)), np.ones((1, 21)), "there are 21 features and no samples"),
        (np.ones(0), np.ones((4, 3)), "X is an empty list"),
    ]

    def never(rows):
        raise RuntimeError("predict is called before the tables are looked at")

    for X, background, when in refused:
        with raises(ValueError, when=when):
            submission.shapley_values(never, X, background)
    with raises(RuntimeError, when="there are 20 features, which are not too many, and predict itself raises it"):
        submission.run(drive_broken_model, np.ones((1, 20)), np.ones((1, 20)))


def threesome(rows):
    return rows[:, 0] * rows[:, 1] * rows[:, 2]


def drive_cheap_model(module, X, background, weights):
    """shapley_values(predict, X, background)"""

    def predict(rows):
        return rows @ weights + threesome(rows)

    return module.shapley_values(predict, X, background)


def eleven_features(rng):
    return *draw(rng, 1, 200, 11), rng.normal(size=11)


def judge(found, X, background, weights):
    expected = weights * (X[0] - background.mean(axis=0))
    expected[:3] += by_orders(threesome, X[0, :3], background[:, :3])
    assert_close(found[0], [expected], **TIGHT, what="the row of values of eleven features")


@pytest.mark.performance("Speed")
def test_cpu_time(submission, measure):
    """The predicted rows are put together in whole arrays, and every set of features is worked out once."""
    hint = "fill the rows of a set of features, or of many sets, at once; do not go through the orders"
    measure.cpu_ratio(drive_cheap_model, eleven_features, at_most=8, judge=judge, hint=hint)
