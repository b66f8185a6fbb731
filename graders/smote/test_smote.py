"""Hidden checks of smote."""

import math

import numpy as np
import pytest

from mlkata.compare import assert_dtype, assert_equal, assert_shape, assert_true, raises


def segments(own, k):
    """All pairs (a, b) of rows where b is among the k nearest of a, or as near as the k-th of them."""
    pairs = []
    for a, row in enumerate(own):
        others = sorted((math.dist(row, other), b) for b, other in enumerate(own) if b != a)
        reach = others[min(k, len(others)) - 1][0]
        pairs += [(a, b) for distance, b in others if distance <= reach * (1 + 1e-12)]
    return pairs


def explain(new, own, k):
    """For each new row the segment that it lies on, as a pair of rows in ascending order, and where it lies on it."""
    own = np.asarray(own, dtype=float)
    pairs = sorted({(min(pair), max(pair)) for pair in segments(own.tolist(), k)})
    start, end = (own[[pair[side] for pair in pairs]] for side in (0, 1))
    step = end - start
    length = np.maximum((step**2).sum(axis=1), 1e-300)
    place = ((new[:, None] - start) * step).sum(axis=2) / length
    place = np.clip(place, 0, 1)
    away = np.sqrt(((start + place[..., None] * step - new[:, None]) ** 2).sum(axis=2))
    best = away.argmin(axis=1)
    rows = np.arange(len(new))
    return away[rows, best], [pairs[i] for i in best], place[rows, best]


def split(found, X, y):
    """The synthetic rows and their labels; the given ones must stand in front."""
    pair = isinstance(found, (tuple, list)) and len(found) == 2
    assert_true(pair, "smote must return two arrays, rows and labels")
    rows, labels = np.asarray(found[0]), np.asarray(found[1])
    n = len(X)
    classes, counts = np.unique(y, return_counts=True)
    assert_shape(rows, (len(classes) * counts.max(), np.shape(X)[1]), what="the array of rows")
    assert_shape(labels, (len(rows),), what="the array of labels")
    assert_dtype(rows, "float64", what="the array of rows")
    assert_equal(rows[:n], np.asarray(X, dtype=float), what="the part with the given rows")
    assert_equal(labels[:n], np.asarray(y), what="the part with the given labels")
    after, balanced = np.unique(labels, return_counts=True)
    assert_equal(after.tolist(), classes.tolist(), what="the set of labels")
    assert_equal(balanced.tolist(), [counts.max()] * len(classes), what="the number of rows of each class")
    return rows[n:], labels[n:]


def assert_smote(found, X, y, k):
    """Balanced, and every synthetic row between neighbours of its class."""
    new, labels = split(found, X, y)
    for name in np.unique(labels):
        own = np.asarray(X, dtype=float)[np.asarray(y) == name]
        away, _, _ = explain(new[labels == name], own, k)
        assert_true(
            away.max() <= 1e-9 * max(np.abs(own).max(), 1e-12),
            "every synthetic row must lie on the segment between a row and one of its nearest neighbours in the class",
            f"one of class {name} lies {away.max():.3g} away from all of these segments",
        )
    return new, labels


def draw(rng, sizes, n_features=3):
    """Classes that overlap, with their rows mixed; labels 0, 1, ..."""
    y = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    return rng.normal(size=(len(y), n_features)), y


@pytest.mark.correctness("Balance", "Result")
def test_balance(submission, rng):
    """Every class ends with as many rows as the largest one, and the given rows come first."""
    for sizes in ([40, 9], [7, 30], [21, 20]):
        X, y = draw(rng, sizes)
        found = submission.smote(X, y, seed=1)
        new, labels = split(found, X, y)
        assert_equal(labels, np.full(len(new), np.argmin(sizes)), what="the array of labels of the synthetic rows")


@pytest.mark.correctness("Segment", "Neighbours")
@pytest.mark.parametrize("k", [1, 2, 5, 9])
def test_between_neighbours(submission, rng, k):
    """Every synthetic row lies between a row of its class and one of the nearest rows of the same class."""
    X, y = draw(rng, [90, 25])
    assert_smote(submission.smote(X, y, k_neighbors=k, seed=2), X, y, k)


@pytest.mark.correctness("Classes", "Balance", "Neighbours")
def test_several_classes(submission, rng):
    """All classes but the largest are filled up, each from rows of its own."""
    X, y = draw(rng, [12, 60, 30, 8], 2)
    assert_smote(submission.smote(X, y, k_neighbors=3, seed=3), X, y, 3)
    small = np.array([5, -2, 100, 31], dtype="int8")
    for names in (np.array([5, -2, 700, 31]), small, np.array(["fig", "apple", "pear", "a"])):
        found = submission.smote(X, names[y], k_neighbors=3, seed=3)
        assert_smote(found, X, names[y], 3)
        same_kind = np.asarray(found[1]).dtype == names.dtype
        assert_true(same_kind, "the array of labels must have the dtype of y", f"got {np.asarray(found[1]).dtype}")


def shares(names, expected, what):
    """Each name occurs about as often as expected: within a quarter, or seven standard deviations."""
    for name, share in expected.items():
        count, mean = names.count(name), share * len(names)
        allowed = max(7 * math.sqrt(mean), mean / 4)
        assert_true(abs(count - mean) <= allowed, what, f"{count} of {len(names)}, expected about {mean:.0f}")


def with_common_rows(own, n_common):
    """The rows of a class, among many rows of another one far away."""
    own = np.asarray(own, dtype=float)
    common = 1e6 + np.arange(n_common * own.shape[1], dtype=float).reshape(n_common, -1)
    return np.concatenate([own, common]), np.array([1] * len(own) + [0] * n_common)


@pytest.mark.correctness("Draws")
def test_rows_and_neighbours_serve_equally_often(submission, rng):
    """Each row is a start equally often, and each of its neighbours an end."""
    own = rng.normal(size=(6, 3)).tolist()
    X, y = with_common_rows(own, 4800)
    new, _ = split(submission.smote(X, y, k_neighbors=1, seed=4), X, y)
    _, pairs, _ = explain(new, own, 1)
    expected = {}
    for a, b in nearest_pairs(own, 1):
        expected[a, b] = expected.get((a, b), 0) + 1 / 6
    shares(pairs, expected, "each row of the class must be the start of equally many synthetic rows")
    new, _ = split(submission.smote(X, y, k_neighbors=3, seed=5), X, y)
    _, pairs, _ = explain(new, own, 3)
    expected = {}
    for a, b in nearest_pairs(own, 3):
        expected[a, b] = expected.get((a, b), 0) + 1 / 18
    shares(pairs, expected, "each neighbour of a row must be the end of equally many synthetic rows")


def nearest_pairs(own, k):
    return [(min(pair), max(pair)) for pair in segments(own, k)]


@pytest.mark.correctness("Draws", "Neighbours")
def test_default_number_of_neighbours(submission, rng):
    """By default each of the five nearest neighbours is used, and no other row."""
    own = rng.normal(size=(12, 3))
    X, y = with_common_rows(own, 5000)
    new, _ = assert_smote(submission.smote(X, y, seed=6), X, y, 5)
    _, pairs, _ = explain(new, own, 5)
    assert_equal(sorted(set(pairs)), sorted(set(nearest_pairs(own.tolist(), 5))), what="the list of segments in use")


@pytest.mark.correctness("Draws", "Segment")
def test_places_are_uniform(submission, rng):
    """Synthetic rows are spread evenly over the segments, each at a place of its own, none at the ends."""
    own = rng.normal(size=(8, 4))
    X, y = with_common_rows(own, 5000)
    new, _ = assert_smote(submission.smote(X, y, k_neighbors=3, seed=8), X, y, 3)
    _, _, place = explain(new, own, 3)
    tenths = np.minimum(place * 10, 9).astype(int).tolist()
    expected = dict.fromkeys(range(10), 0.1)
    shares(tenths, expected, "each tenth of the segments must hold about a tenth of all synthetic rows")
    distinct = len(np.unique(np.round(place, 12)))
    assert_true(distinct > 0.9 * len(new), "each synthetic row must have a place of its own", f"{distinct} places")
    # Below, the nearest of each row from the third on is the row above it, whose own nearest is another one.
    own = [[0.0, 1.0], [1.0, 0.0], [4.0, 1.0], [9.0, -1.0], [20.0, 3.0], [45.0, -4.0]]
    X, y = with_common_rows(own, 5000)
    new, _ = assert_smote(submission.smote(X, y, k_neighbors=1, seed=9), X, y, 1)
    _, pairs, place = explain(new, own, 1)
    tenths = np.minimum(place * 10, 9).astype(int)[[pair != (0, 1) for pair in pairs]].tolist()
    what = "each tenth of the segments that are gone in one direction must hold about a tenth of their synthetic rows"
    shares(tenths, expected, what)


@pytest.mark.correctness("Seed")
def test_seeds(submission, rng):
    """The same seed gives the same rows, another seed others, and no seed others each time."""
    X, y = draw(rng, [40, 10])
    first, again, other = (np.asarray(submission.smote(X, y, seed=seed)[0]) for seed in (11, 11, 12))
    assert_equal(again, first, what="the array of rows with the same seed")
    assert_shape(first, (80, 3), what="the array of rows")
    assert_true((first[50:] != other[50:]).any(axis=1).mean() > 0.9, "another seed must give other synthetic rows")
    one, two = (np.asarray(submission.smote(X, y)[0]) for _ in range(2))
    assert_true((one[50:] != two[50:]).any(axis=1).mean() > 0.9, "without a seed each call must give other rows")
    zero = submission.smote(X, y, seed=0)
    assert_equal(submission.smote(X, y, seed=0)[0], zero[0], what="the array of rows with the seed 0, twice,")


def drive_global_state(module, X, y):
    """np.random.seed(1), smote(X, y, seed=5), np.random.seed(2), smote(X, y, seed=5), and what np.random draws next"""
    np.random.seed(1)
    first, _ = module.smote(X, y, seed=5)
    np.random.seed(2)
    second, _ = module.smote(X, y, seed=5)
    after = np.random.random(3)
    np.random.seed(2)
    module.smote(X, y)
    return first, second, after, np.random.random(3)


@pytest.mark.edge_case("Seed")
def test_global_generator(submission, rng):
    """The global generator of numpy has no influence and is left as it was."""
    X, y = draw(rng, [30, 10])
    first, second, after, without = submission.run(drive_global_state, X, y)
    assert_smote((first, np.concatenate([y, np.ones(20, dtype=int)])), X, y, 5)
    assert_equal(second, first, what="the array of rows after np.random.seed with another number")
    expected = np.random.RandomState(2).random_sample(3)
    assert_equal(after, expected, what="the state of np.random after a call with a seed")
    assert_equal(without, expected, what="the state of np.random after a call without a seed")


@pytest.mark.edge_case("Small classes", "Neighbours")
@pytest.mark.parametrize("n_own", [2, 3, 5, 6])
def test_classes_smaller_than_k(submission, rng, n_own):
    """A class with fewer rows than it takes uses all of its other rows as neighbours."""
    X, y = draw(rng, [300, n_own])
    new, _ = assert_smote(submission.smote(X, y, seed=7), X, y, 5)
    _, pairs, _ = explain(new, X[y == 1], 5)
    expected = n_own * (n_own - 1) // 2
    assert_equal(len(set(pairs)), expected, what="the number of segments in use")


@pytest.mark.edge_case("Balance", "Result")
def test_nothing_to_do(submission, rng):
    """Classes of equal size, and a single class, come back as they were, in arrays of their own."""
    X = rng.normal(size=(6, 2))
    for y in (np.array([1, 0, 1, 0, 0, 1]), np.array([3] * 6), np.array([4, 1, 7, 2, 0, 5])):
        seen = submission.smote.observe(X, y, seed=1)
        assert_equal(seen.value[0], X, what="the array of rows")
        assert_equal(seen.value[1], y, what="the array of labels")
        seen.assert_fresh()


@pytest.mark.edge_case("Neighbours")
def test_repeated_rows(submission):
    """Another row with the same values is a neighbour, so with k_neighbors = 1 nothing leaves such a pair."""
    own = [[1.0, 2.0], [5.0, 1.0], [1.0, 2.0], [5.0, 1.0]]
    X, y = with_common_rows(own, 40)
    new, _ = split(submission.smote(X, y, k_neighbors=1, seed=9), X, y)
    same = (np.abs(new[:, None] - np.array(own[:2])).max(axis=2) < 1e-9).any(axis=1)
    elsewhere = f"{int((~same).sum())} lie elsewhere"
    assert_true(same.all(), "between two equal rows there is only their own place", elsewhere)
    assert_smote(submission.smote(X, y, k_neighbors=2, seed=9), X, y, 2)


@pytest.mark.edge_case("Input", "Result")
def test_kinds_of_input(submission, rng):
    """Lists, integers, float32 and strided arrays serve as well, and integers are not rounded to."""
    whole, y = rng.integers(0, 120, size=(40, 3)), np.array([1] * 10 + [0] * 30)
    for dtype in ("int64", "int8", "uint8", "float32"):
        new, _ = assert_smote(submission.smote(whole.astype(dtype), y, k_neighbors=3, seed=1), whole, y, 3)
        fractions = (new != np.round(new)).any(axis=1)
        assert_true(fractions.mean() > 0.8, f"synthetic rows must not be rounded where X is of {dtype}")
    assert_smote(submission.smote(whole.tolist(), y.tolist(), k_neighbors=3, seed=1), whole, y, 3)
    wide = rng.normal(size=(3, 80))
    assert_smote(submission.smote(wide.T[::2], np.repeat(y, 2)[::2], k_neighbors=3, seed=1), wide.T[::2], y, 3)


@pytest.mark.edge_case("Segment", "Neighbours")
def test_scales_and_offsets(submission, rng):
    """Nothing is scaled: with features of very different sizes the large one decides who is near."""
    X, y = draw(rng, [60, 20])
    X = X * [1e-6, 1.0, 1e5] + [0.0, 300.0, -2e5]
    assert_smote(submission.smote(X, y, k_neighbors=2, seed=2), X, y, 2)


@pytest.mark.edge_case("Input")
def test_arguments_stay_as_they_were(submission, rng):
    """X and y are not written to, and the result is no view of them."""
    X, y = draw(rng, [30, 8])
    seen = submission.smote.observe(X, y, k_neighbors=3, seed=1)
    assert_smote(seen.value, X, y, 3)
    seen.assert_unchanged()
    seen.assert_fresh()


@pytest.mark.edge_case("Errors")
def test_bad_input(submission):
    """Tables that do not fit, NaN, no neighbours to use, and a class of a single row raise ValueError."""
    X, y = np.arange(12.0).reshape(6, 2), np.array([0, 0, 0, 0, 1, 1])
    balanced = np.array([0, 1, 0, 1, 0, 1])
    gap, infinite = X.copy(), X.copy()
    gap[2, 1], infinite[5, 0] = math.nan, -math.inf
    for rows, labels, options, when in [
        (X[:0], y[:0], {}, "there are no rows"),
        (X[:, 0], y, {}, "X has one dimension"),
        (X[None], y, {}, "X has three dimensions"),
        (X, y[:5], {}, "a label is missing"),
        (X, np.array([0, 0, 0, 1, 0, 0, 1]), {}, "there is a label too many"),
        (gap, y, {}, "a value is NaN"),
        (infinite, y, {}, "a value is infinite"),
        (X, y, {"k_neighbors": 0}, "k_neighbors is 0"),
        (X, y, {"k_neighbors": -2}, "k_neighbors is -2"),
        (gap, balanced, {}, "a value is NaN and the classes are balanced"),
        (X, balanced, {"k_neighbors": 0}, "k_neighbors is 0 and the classes are balanced"),
        (X, np.array([0, 0, 0, 0, 1, 0]), {}, "a class has a single row"),
        (X, np.array([0, 0, 0, 2, 1, 1]), {}, "one class of three has a single row"),
    ]:
        with raises(ValueError, when=when):
            submission.smote(rows, labels, **options)
