"""Hidden checks of permutation_importance."""

import math
import random

import numpy as np
import pytest

from mlkata.compare import assert_close, assert_dtype, assert_equal, assert_shape, assert_true, raises

TIGHT = {"rtol": 1e-9, "atol": 1e-12}


class Recorder:
    """A model that remembers the arrays it is given."""

    def __init__(self, model):
        self.model = model
        self.__name__ = model.__name__
        self.given = []

    def __call__(self, rows):
        self.given.append(rows.copy())
        return self.model(rows)


def curved(rows):
    """A model that uses every column but the last, each in another way."""
    return 3 * rows[:, 0] - np.abs(rows[:, 1]) + rows[:, 0] * rows[:, 2]


def leading_column(rows):
    """The first column."""
    return rows[:, 0]


def squared_error(y, predictions):
    return float(((y - predictions) ** 2).mean())


def negative_squared_error(y, predictions):
    return -squared_error(y, predictions)


def same(one, other):
    return (one == other) | ((one != one) & (other != other))


def draw(rng, n=30):
    X = rng.normal(size=(n, 4))
    return X, curved(X) + 0.3 * rng.normal(size=n)


def shuffled_columns(given, X):
    """The column in which each array differs from X, None where there is none; other things are refused."""
    places = []
    for rows in given:
        assert_shape(rows, X.shape, what="the array that predict is given")
        differ = np.flatnonzero(~same(rows, X).all(axis=0)).tolist()
        broken = "predict is given an array in which more than one column is shuffled: the others must be as they were"
        assert_true(len(differ) <= 1, broken, f"columns {differ} differ from X")
        places.append(differ[0] if differ else None)
        if differ:
            whole = np.array_equal(np.sort(rows[:, differ[0]]), np.sort(X[:, differ[0]]), equal_nan=X.dtype.kind == "f")
            broken = "a shuffled column must hold the values of the column, each as often as before"
            assert_true(whole, broken, f"column {differ[0]}")
    return places


def assert_importances(found, model, X, y, metric, n_repeats, sign=1):
    """The three arrays are what the recorded calls give."""
    triple = isinstance(found, (tuple, list)) and len(found) == 3
    assert_true(triple, "the result must be a tuple of three: mean, std, importances")
    mean, std, importances = (np.asarray(part) for part in found)
    assert_shape(importances, (X.shape[1], n_repeats), what="the array of importances")
    places = shuffled_columns(model.given, X)
    baseline = float(metric(y, model.model(X.copy())))
    for feature in range(X.shape[1]):
        mine = [rows for rows, place in zip(model.given, places, strict=True) if place == feature]
        expected = sorted(sign * (baseline - float(metric(y, model.model(rows)))) for rows in mine)
        expected = [0.0] * (n_repeats - len(mine)) + expected  # orders that happen to change nothing
        what = f"the sorted row of importances of feature {feature}"
        assert_close(np.sort(importances[feature]), np.sort(expected), **TIGHT, what=what)
    assert_close(mean, importances.mean(axis=1), **TIGHT, what="the array of means")
    spread = importances - importances.mean(axis=1, keepdims=True)
    expected = np.sqrt((spread**2).sum(axis=1) / (n_repeats - 1)) if n_repeats > 1 else np.full(len(mean), np.nan)
    assert_close(std, expected, rtol=1e-9, atol=1e-9, what="the array of standard deviations")


@pytest.mark.correctness("Importance", "Result", "Standard deviation")
@pytest.mark.parametrize("n_repeats", [2, 7])
def test_importance_of_a_score(submission, rng, n_repeats):
    """Where greater is better, importance is by how much the score falls."""
    X, y = draw(rng)
    model = Recorder(curved)
    found = submission.permutation_importance(model, X, y, negative_squared_error, n_repeats=n_repeats, seed=3)
    assert_importances(found, model, X, y, negative_squared_error, n_repeats)
    assert_true(np.min(np.asarray(found[2])[0]) > 0, "the feature that matters most must have positive importances")


@pytest.mark.correctness("Importance", "Standard deviation")
def test_importance_of_a_loss(submission, rng):
    """For a loss the sign is turned, so that useful features are positive as well."""
    X, y = draw(rng)
    model = Recorder(curved)
    found = submission.permutation_importance(model, X, y, squared_error, n_repeats=6, seed=0, greater_is_better=False)
    assert_importances(found, model, X, y, squared_error, 6, sign=-1)
    assert_true(np.min(np.asarray(found[2])[0]) > 0, "the feature that matters most must have positive importances")


@pytest.mark.correctness("Importance")
def test_negative_importances(submission):
    """A feature that misleads the model has negative importances, and they are kept."""

    def upside_down(rows):
        return -rows[:, 0]

    X = np.arange(12.0)[:, None] ** 2
    model = Recorder(upside_down)
    found = submission.permutation_importance(model, X, X[:, 0], negative_squared_error, n_repeats=8, seed=1)
    assert_importances(found, model, X, X[:, 0], negative_squared_error, 8)
    assert_true(np.max(np.asarray(found[0])) < 0, "the mean importance of a misleading feature must be negative")


@pytest.mark.correctness("Result", "Permutation")
def test_five_repeats_by_default(submission, rng):
    """Without options there are five repeats of a score."""
    X, y = draw(rng)
    model = Recorder(curved)
    found = submission.permutation_importance(model, X, y, negative_squared_error)
    assert_importances(found, model, X, y, negative_squared_error, 5)


@pytest.mark.correctness("Permutation", "Importance")
def test_unused_and_constant_features(submission, rng):
    """A feature that the model does not look at, and one that is constant, have exactly 0."""
    X, y = draw(rng)
    X[:, 2] = 1.5
    model = Recorder(curved)
    found = submission.permutation_importance(model, X, y, negative_squared_error, n_repeats=4, seed=2)
    mean, std, importances = (np.asarray(part) for part in found)
    assert_equal(importances[2:], np.zeros((2, 4)), what="the array of importances of features that cannot matter")
    assert_equal(mean[2:], np.zeros(2), what="the array of their means")
    assert_equal(std[2:], np.zeros(2), what="the array of their standard deviations")
    assert_equal(len(model.given), 17, what="the number of calls of predict, constant features included")
    assert_true((importances[0] > 0).all(), "the feature that matters most must have positive importances")


@pytest.mark.correctness("Permutation")
def test_permutations_are_drawn_anew(submission, rng):
    """Every repeat of every feature has a permutation of its own."""
    X, y = draw(rng)
    X[:] = X[:, :1]  # equal columns: the same order would show
    model = Recorder(curved)
    submission.permutation_importance(model, X, y, negative_squared_error, n_repeats=3, seed=4)
    places = shuffled_columns(model.given, X)
    orders = {
        tuple(rows[:, place].tolist()) for rows, place in zip(model.given, places, strict=True) if place is not None
    }
    n_shuffled = sum(place is not None for place in places)
    assert_equal(n_shuffled, 12, what="the number of arrays with a shuffled column")
    assert_equal(
        len(orders), 12, what="the number of different permutations", hint="draw anew for each repeat and feature"
    )


@pytest.mark.correctness("Permutation")
def test_all_orders_are_equally_likely(submission, rng):
    """Every value may come to every place, in all orders."""
    n, n_repeats = 6, 400
    X, y = np.arange(1.0, n + 1)[:, None], np.arange(n) * 1.0
    model = Recorder(leading_column)
    seed = int(rng.integers(2**20))
    submission.permutation_importance(model, X, y, negative_squared_error, n_repeats=n_repeats, seed=seed)
    shuffled_columns(model.given, X)
    orders = np.array([rows[:, 0] for rows in model.given])  # the baseline among them
    # A value is at a place in 1/6 of 401, 67 +- 7.5; a value follows another in 1/5 (round the end), 80 +- 8.
    for value in range(1, n + 1):
        counts = (orders == value).sum(axis=0)
        broken = "every value of a column must be equally likely to come to any place, its own included"
        assert_true(
            (counts >= 20).all() and (counts <= 122).all(), broken, f"value {value} came {counts.tolist()} times"
        )
    together = int((orders[:, 1] - orders[:, 0] % n == 1).sum())
    broken = "all orders must be equally likely: neighbours stay together too often or too seldom"
    assert_true(30 <= together <= 140, broken, f"in {together} of {n_repeats} draws the second value follows the first")
    model = Recorder(leading_column)
    submission.permutation_importance(model, X[:2], y[:2], negative_squared_error, n_repeats=60, seed=seed)
    as_before = sum(np.array_equal(rows, X[:2]) for rows in model.given)  # 31 +- 4
    broken = "of two rows both orders must be drawn, the old one too"
    assert_true(10 <= as_before <= 52, broken, f"{as_before} of 61 arrays are in the old order")


@pytest.mark.correctness("Seed")
def test_same_seed_same_importances(submission, rng):
    """The same seed gives the same importances, another seed others."""
    X, y = draw(rng)
    drawn = {}
    for seed in (0, 1, 77):
        drawn[seed] = submission.permutation_importance(curved, X, y, negative_squared_error, seed=seed)
        again = submission.permutation_importance(curved, X, y, negative_squared_error, seed=seed)
        what = f"the array of importances at the second call with seed={seed}"
        assert_equal(np.asarray(again[2]), np.asarray(drawn[seed][2]), what=what)
    differ = len({tuple(np.asarray(found[0]).tolist()) for found in drawn.values()}) == 3
    assert_true(differ, "different seeds must draw different permutations")
    assert_true(np.min(drawn[0][2][0]) > 0, "the feature that matters most must have positive importances")


class CountedMetric:
    """A metric that counts its calls and remembers the labels."""

    __name__ = "negative_squared_error"

    def __init__(self):
        self.labels = []

    def __call__(self, y, predictions):
        self.labels.append(y)
        return negative_squared_error(y, predictions)


@pytest.mark.edge_case("Calls", "Functions")
@pytest.mark.parametrize("n_repeats", [1, 4])
def test_number_of_calls(submission, rng, n_repeats):
    """There is one prediction for each repeat of each feature, and one for the baseline."""
    X, y = draw(rng, 25)
    model, metric = Recorder(curved), CountedMetric()
    submission.permutation_importance(model, X, y, metric, n_repeats=n_repeats, seed=0)
    assert_equal(len(model.given), 4 * n_repeats + 1, what="the number of calls of predict")
    assert_equal(len(metric.labels), 4 * n_repeats + 1, what="the number of calls of metric")
    places = shuffled_columns(model.given, X)
    for place in (0, 1, 2, 3):
        assert_equal(places.count(place), n_repeats, what=f"the number of calls with column {place} shuffled")
    assert_equal(places.count(None), 1, what="the number of calls with the data as it is")
    assert_true(all(np.array_equal(labels, y) for labels in metric.labels), "metric must be given y as it is, first")


def drive_overwriting(module, X, y, seed):
    """permutation_importance(predict, X, y, metric, n_repeats=3, seed=seed), where predict works in place"""
    seen = []

    def predict(rows):
        seen.append(rows.copy())
        rows[:, 0] = 3 * rows[:, 0] - np.abs(rows[:, 1]) + rows[:, 0] * rows[:, 2]
        rows[:, 1:] = -9.0
        return rows[:, 0]

    def metric(y, predictions):
        return -float(((y - predictions) ** 2).mean())

    return module.permutation_importance(predict, X, y, metric, n_repeats=3, seed=seed), seen


@pytest.mark.edge_case("Data", "Arguments")
def test_predict_that_overwrites(submission, rng):
    """A model may write into what it is given: the importances are right all the same, and X is unchanged."""
    X, y = draw(rng)
    seen = submission.probe(drive_overwriting).observe(X, y, 5)
    seen.assert_unchanged(hint="predict may overwrite what it is given")
    found, given = seen.value
    model = Recorder(curved)
    model.given = given
    assert_importances(found, model, X, y, negative_squared_error, 3)


@pytest.mark.edge_case("Standard deviation", "Result")
def test_one_repeat(submission, rng):
    """A single repeat is its own mean, and its standard deviation is NaN."""
    X, y = draw(rng)
    model = Recorder(curved)
    found = submission.permutation_importance(model, X, y, negative_squared_error, n_repeats=1, seed=6)
    assert_importances(found, model, X, y, negative_squared_error, 1)


@pytest.mark.edge_case("Permutation", "Input")
def test_one_row_and_one_feature(submission, rng):
    """With one row nothing can change; one feature needs nothing special."""
    model = Recorder(curved)
    found = submission.permutation_importance(model, [[1.0, 2.0, 3.0]], [4.0], squared_error, n_repeats=2, seed=0)
    assert_equal(np.asarray(found[2]), np.zeros((3, 2)), what="the array of importances of one row")
    assert_equal(np.asarray(found[1]), np.zeros(3), what="the array of standard deviations of one row")
    assert_equal(len(model.given), 7, what="the number of calls of predict with one row")
    X = rng.normal(size=(15, 1))
    model = Recorder(leading_column)
    found = submission.permutation_importance(model, X, X[:, 0], negative_squared_error, n_repeats=3, seed=0)
    assert_importances(found, model, X, X[:, 0], negative_squared_error, 3)


@pytest.mark.edge_case("Data", "Input")
@pytest.mark.parametrize("kind", ["float32", "int64", "uint8", "bool", "NaN", "strided", "lists"])
def test_kinds_of_input(submission, rng, kind):
    """Values keep their dtype and their last bit; NaN, non-contiguous arrays and lists serve as well."""

    def first_two(rows):
        return np.nan_to_num(rows[:, 0].astype(float)) * 2 + rows[:, 1]

    X, y = rng.normal(size=(20, 3)), rng.normal(size=20)
    if kind in ("int64", "uint8", "bool"):
        X = rng.integers(0, 2 if kind == "bool" else 200, size=(20, 3)).astype(kind)
    X = X.astype("float32") if kind == "float32" else X
    if kind == "NaN":
        X[[2, 5], 0], X[3, 2] = math.nan, math.inf
    given = (X.tolist(), y.tolist()) if kind == "lists" else (X, y)
    given = (np.asfortranarray(X), np.repeat(y, 2)[::2]) if kind == "strided" else given
    model = Recorder(first_two)
    found = submission.permutation_importance(model, *given, negative_squared_error, n_repeats=3, seed=8)
    for rows in model.given:
        if kind != "lists":
            assert_dtype(rows, X.dtype, what="the array that predict is given")
    assert_importances(found, model, X, y, negative_squared_error, 3)


@pytest.mark.edge_case("Functions", "Input")
@pytest.mark.parametrize("kind", [int, np.int16, np.float32])
def test_text_labels(submission, rng, kind):
    """The metric alone looks at labels and predictions, which may be text, and returns any type of number."""

    def sign_name(rows):
        return np.where(rows[:, 1] > 0, "up", "down")

    def n_wrong(y, predictions):
        return kind(sum(one != other for one, other in zip(y.tolist(), predictions.tolist(), strict=True)))

    X = rng.normal(size=(40, 2))
    y = sign_name(X)
    y[:3] = y[:3][::-1]
    model = Recorder(sign_name)
    found = submission.permutation_importance(model, X, y.tolist(), n_wrong, n_repeats=6, seed=0)
    assert_importances(found, model, X, y, n_wrong, 6)

    def probabilities(rows):
        return np.stack([1 / (1 + np.exp(rows[:, 1])), 1 / (1 + np.exp(-rows[:, 1]))], axis=1)

    def brier(y, predictions):
        return float(((predictions - (y[:, None] == np.array(["down", "up"]))) ** 2).sum(axis=1).mean())

    model, options = Recorder(probabilities), {"seed": 1, "greater_is_better": False}
    found = submission.permutation_importance(model, X, y, brier, **options)
    assert_importances(found, model, X, y, brier, 5, sign=-1)


def drive_global_states(module, X, y, seed):
    """random.seed(3); np.random.seed(4); permutation_importance(..., seed=seed), then one number of each"""

    def predict(rows):
        return rows[:, 0] + rows[:, 1]

    def metric(y, predictions):
        return -float(((y - predictions) ** 2).mean())

    random.seed(3)
    np.random.seed(4)
    found = module.permutation_importance(predict, X, y, metric, seed=seed)
    return found[2], random.random(), float(np.random.random_sample())


@pytest.mark.edge_case("Random state", "Seed")
@pytest.mark.parametrize("seed", [8, None])
def test_global_random_state(submission, rng, seed):
    """The global random states are as they were, and decide nothing; without a seed each call draws anew."""
    X, y = rng.normal(size=(20, 2)), rng.normal(size=20)
    importances, number, numpy_number = submission.run(drive_global_states, X, y, seed)
    assert_shape(importances, (2, 5), what="the array of importances")
    assert_equal(number, random.Random(3).random(), what="the next number of random.random()")
    expected = float(np.random.RandomState(4).random_sample())
    assert_equal(numpy_number, expected, what="the next number of the global generator of numpy")
    again, _, _ = submission.run(drive_global_states, X, y, seed)
    alike = np.array_equal(np.asarray(importances), np.asarray(again))
    broken = "without a seed every call must draw other permutations" if seed is None else "the seed must decide"
    assert_true(alike == (seed is not None), broken)


@pytest.mark.edge_case("Errors")
@pytest.mark.parametrize(
    ("X", "y", "options", "when"),
    [
        (np.ones(4), np.ones(4), {}, "X has one dimension"),
        (np.ones((4, 2, 2)), np.ones(4), {}, "X has three dimensions"),
        (np.ones((4, 2)), np.ones((4, 1)), {}, "y has two dimensions"),
        (np.ones((4, 2)), np.ones(3), {}, "y is shorter than X"),
        (np.ones((4, 2)), np.ones(5), {}, "y is longer than X"),
        (np.ones((4, 2)), np.ones(1), {}, "y has one entry for four rows"),
        (np.ones((0, 2)), np.ones(0), {}, "there are no samples"),
        (np.ones((4, 0)), np.ones(4), {}, "there are no features"),
        (np.ones((4, 2)), np.ones(4), {"n_repeats": 0}, "n_repeats is 0"),
        (np.ones((4, 2)), np.ones(4), {"n_repeats": -1}, "n_repeats is -1"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_input(submission, X, y, options, when):
    """Input that makes no sense raises ValueError before anything is called."""
    model = Recorder(leading_column)
    with raises(ValueError, when=when):
        submission.permutation_importance(model, X, y, squared_error, **options)
    assert_true(not model.given, f"predict must not be called when {when}")
