"""Hidden checks of gradient_boosting."""

import itertools
import math

import numpy as np
import pytest

from mlkata.compare import assert_close, assert_dtype, assert_equal, assert_shape, assert_true, raises


def slow_stump(X, r):
    """Feature and threshold of the best split, every threshold summed anew; None without one."""
    best = None
    for feature in range(len(X[0])):
        values = sorted({x[feature] for x in X})
        for low, high in itertools.pairwise(values):
            left = [a for x, a in zip(X, r, strict=True) if x[feature] <= low]
            right = [a for x, a in zip(X, r, strict=True) if x[feature] > low]
            gain = sum(left) ** 2 / len(left) + sum(right) ** 2 / len(right) - sum(r) ** 2 / len(r)
            if best is None or gain > best[0] + 1e-9 * abs(best[0]):
                best = gain, feature, (low + high) / 2
    return best and best[1:]


def slow_boosting(X, y, queries, *, loss="squared", n_stages=100, learning_rate=0.1):
    """F of the queries and the mean loss of the training rows, at the start and after each stage."""
    X, y, queries = np.asarray(X, float).tolist(), [float(v) for v in y], np.asarray(queries, float).tolist()
    mean = sum(y) / len(y)
    start = math.log(mean / (1 - mean)) if loss == "log" else mean
    F, Q = [start] * len(y), [start] * len(queries)
    staged, losses = [list(Q)], [mean_loss(y, F, loss)]
    for _ in range(n_stages):
        p = [1 / (1 + math.exp(-f)) for f in F] if loss == "log" else F
        r = [a - b for a, b in zip(y, p, strict=True)]
        weight = [b * (1 - b) for b in p] if loss == "log" else [1.0] * len(y)
        split = slow_stump(X, r) or (0, math.inf)
        leaf = {}
        for side in {x[split[0]] <= split[1] for x in X}:
            rows = [i for i, x in enumerate(X) if (x[split[0]] <= split[1]) == side]
            below = sum(weight[i] for i in rows)
            leaf[side] = sum(r[i] for i in rows) / below if below >= 1e-10 else 0.0
        F = [f + learning_rate * leaf[x[split[0]] <= split[1]] for f, x in zip(F, X, strict=True)]
        Q = [f + learning_rate * leaf[x[split[0]] <= split[1]] for f, x in zip(Q, queries, strict=True)]
        staged.append(list(Q))
        losses.append(mean_loss(y, F, loss))
    return np.array(staged), np.array(losses)


def mean_loss(y, F, loss):
    if loss == "squared":
        return sum((a - f) ** 2 for a, f in zip(y, F, strict=True)) / len(y)
    return sum(math.log1p(math.exp(-abs(f))) + max(f, 0) - a * f for a, f in zip(y, F, strict=True)) / len(y)


def draw(rng, n_samples, n_features, loss="squared"):
    X = rng.normal(size=(n_samples, n_features))
    y = np.sin(2 * X[:, 0]) + X[:, -1] + 0.4 * rng.normal(size=n_samples)
    if loss == "log":
        y = (y > 0.2).astype(int)
        y[:3] = [0, 1, 1]
    return X, y


def drive(module, options, X, y, queries):
    """GradientBoosting(**options).fit(X, y): staged_raw(queries), predict(queries), train_loss_"""
    model = module.GradientBoosting(**options)
    model.fit(X, y)
    return model.staged_raw(queries), model.predict(queries), model.train_loss_


def drive_log(module, options, X, y, queries):
    """GradientBoosting(loss="log", **options).fit(X, y): classes_, staged_raw, predict_proba, predict, train_loss_"""
    model = module.GradientBoosting(loss="log", **options)
    model.fit(X, y)
    raw, proba = model.staged_raw(queries), model.predict_proba(queries)
    return model.classes_, raw, proba, model.predict(queries), model.train_loss_


def drive_predict(module, options, X, y, queries):
    """GradientBoosting(**options).fit(X, y).predict(queries)"""
    model = module.GradientBoosting(**options)
    model.fit(X, y)
    return model.predict(queries)


def drive_staged(module, options, X, y, queries):
    """GradientBoosting(**options).fit(X, y).staged_raw(queries)"""
    model = module.GradientBoosting(**options)
    model.fit(X, y)
    return model.staged_raw(queries)


def drive_proba(module, options, X, y, queries):
    """GradientBoosting(**options).fit(X, y).predict_proba(queries)"""
    model = module.GradientBoosting(**options)
    model.fit(X, y)
    return model.predict_proba(queries)


def drive_refit(module, options, first, second, queries):
    """model = GradientBoosting(**options).fit(*first); model.fit(*second), staged_raw(queries), train_loss_"""
    model = module.GradientBoosting(**options)
    model.fit(*first)
    chained = model.fit(*second) is model
    return chained, model.staged_raw(queries), model.train_loss_


def drive_unfitted(module, method):
    """a method of GradientBoosting(loss="log"), without fit"""
    getattr(module.GradientBoosting(loss="log"), method)([[1.0]])


def beside_the_global_state(module, X, y):
    """np.random.seed(5), GradientBoosting(subsample=0.5).fit(X, y); the next np.random.random()"""
    np.random.seed(5)
    model = module.GradientBoosting(subsample=0.5, n_stages=3)
    model.fit(X, y)
    return np.array(model.train_loss_), float(np.random.random())


def assert_boosted(found, expected, *, rtol=1e-8):
    """Staged predictions and training losses."""
    assert_close(found[0], expected[0], rtol=rtol, atol=1e-8, what="the array of staged predictions")
    assert_dtype(found[0], "float64", what="the array of staged predictions")
    assert_close(found[-1], expected[1], rtol=rtol, atol=1e-8, what="train_loss_")


@pytest.mark.correctness("Start", "Stage", "Split", "Leaves", "Staged")
def test_squared_loss_by_hand(submission):
    """Two stages for squared loss have the splits, leaves and losses that were worked out by hand."""
    # Mean 3; residuals -2 -3 1 4: split at 2.5, leaves -2.5 and 2.5. Then -0.75 -1.75 -0.25 2.75: split at 3.5.
    X, y = [[4.0], [1.0], [3.0], [2.0]], [7.0, 1.0, 4.0, 0.0]
    staged, predicted, loss = submission.run(drive, {"n_stages": 2, "learning_rate": 0.5}, X, y, X)
    expected = np.array([[3.0] * 4, [4.25, 1.75, 4.25, 1.75], [5.625, 1.75 - 11 / 24, 4.25 - 11 / 24, 1.75 - 11 / 24]])
    assert_boosted((staged, loss), (expected, ((np.array(y) - expected) ** 2).mean(axis=1)))
    assert_close(predicted, expected[-1], what="the array of predictions")


@pytest.mark.correctness("Start", "Stage", "Leaves", "Losses")
def test_log_loss_by_hand(submission):
    """A stage for log loss moves by residuals over p (1 - p), from the log-odds."""
    X, y = [[1.0], [2.0], [3.0], [4.0], [5.0]], [0, 0, 1, 0, 1]
    _, staged, proba, _, loss = submission.run(drive_log, {"n_stages": 1, "learning_rate": 0.5}, X, y, X)
    # p is 0.4: the split at 2.5 has gain 0.8 ** 2 / 2 + 0.8 ** 2 / 3; at 4.5 it is 0.6 ** 2 + 0.6 ** 2 / 4.
    start, left, right = math.log(2 / 3), -0.8 / (2 * 0.24), 0.8 / (3 * 0.24)
    expected = [[start] * 5, [start + 0.5 * step for step in (left, left, right, right, right)]]
    assert_close(staged, expected, what="the array of staged predictions")
    p = 1 / (1 + np.exp(-np.array(expected[1])))
    assert_close(proba, np.stack([1 - p, p], axis=1), what="the array of probabilities")
    nats = [-np.log(np.where(np.array(y) == 1, q, 1 - q)).mean() for q in (np.full(5, 0.4), p)]
    assert_close(loss, nats, what="train_loss_")


@pytest.mark.correctness("Stage", "Split", "Staged", "Training loss")
@pytest.mark.parametrize(("learning_rate", "n_stages"), [(0.1, 12), (0.6, 9), (1.0, 6)])
def test_squared_loss(submission, rng, learning_rate, n_stages):
    """Every stage fits the residuals that the stages before it have left."""
    X, y = draw(rng, 18, 3)
    queries, options = rng.normal(size=(7, 3)), {"learning_rate": learning_rate, "n_stages": n_stages}
    staged, predicted, loss = submission.run(drive, options, X, y, queries)
    expected = slow_boosting(X, y, queries, **options)
    assert_boosted((staged, loss), expected)
    assert_close(predicted, expected[0][-1], rtol=1e-9, atol=1e-9, what="the array of predictions")
    assert_dtype(predicted, "float64", what="the array of predictions")


@pytest.mark.correctness("Stage", "Leaves", "Staged", "Predict", "Training loss")
@pytest.mark.parametrize(("learning_rate", "n_stages"), [(0.1, 12), (0.7, 8)])
def test_log_loss(submission, rng, learning_rate, n_stages):
    """Every stage fits y - p, its leaves take a step of Newton's method, and probabilities follow from F."""
    X, y = draw(rng, 22, 2, "log")
    queries, options = rng.normal(size=(9, 2)), {"learning_rate": learning_rate, "n_stages": n_stages}
    classes, staged, proba, predicted, loss = submission.run(drive_log, options, X, y, queries)
    expected = slow_boosting(X, y, queries, loss="log", **options)
    assert_equal(classes, [0, 1], what="classes_")
    assert_boosted((staged, loss), expected)
    p = 1 / (1 + np.exp(-expected[0][-1]))
    assert_close(proba, np.stack([1 - p, p], axis=1), what="the array of probabilities")
    assert_dtype(proba, "float64", what="the array of probabilities")
    assert_equal(predicted, (p > 0.5).astype(int), what="the array of labels")


@pytest.mark.correctness("Estimator", "Staged")
def test_default_options(submission, rng):
    """Without options it is squared loss, 100 stages and a rate of 0.1."""
    X, y = draw(rng, 8, 1)
    staged, _, loss = submission.run(drive, {}, X, y, X[:2])
    assert_boosted((staged, loss), slow_boosting(X, y, X[:2]))


@pytest.mark.correctness("Losses", "Predict")
@pytest.mark.parametrize("labels", [("yes", "no"), (7, -3), (True, False), (0.5, 1.5)])
def test_labels_of_any_kind(submission, rng, labels):
    """Labels may be text, numbers or booleans; the second in sorted order is the positive one."""
    X, y = draw(rng, 20, 2, "log")
    names = np.array(sorted(labels))
    queries = rng.normal(size=(10, 2))
    classes, staged, proba, predicted, _ = submission.run(drive_log, {"n_stages": 5}, X, names[y], queries)
    expected = slow_boosting(X, y, queries, loss="log", n_stages=5)[0]
    assert_equal(classes, names, what="classes_")
    assert_close(staged, expected, what="the array of staged predictions")
    assert_close(proba[:, 1], 1 / (1 + np.exp(-expected[-1])), what="the array of probabilities of the second class")
    assert_equal(predicted, names[(expected[-1] > 0).astype(int)], what="the array of labels")
    kind = np.asarray(predicted).dtype.kind
    assert_true(kind == names.dtype.kind, "the labels must be of the kind that y has", f"got dtype kind {kind!r}")


@pytest.mark.correctness("Estimator")
def test_second_fit(submission, rng):
    """fit returns the estimator, and a second fit forgets the first, the number of features included."""
    first, (X, y) = draw(rng, 12, 3), draw(rng, 10, 2)
    queries, options = rng.normal(size=(4, 2)), {"n_stages": 4, "learning_rate": 0.5}
    chained, *found = submission.run(drive_refit, options, first, (X, y), queries)
    assert_true(chained, "fit must return the estimator itself")
    assert_boosted(found, slow_boosting(X, y, queries, **options))


def drawn_rows(staged, y, n_drawn, learning_rate):
    """Which rows each stage saw: targets are powers of two, and a single leaf has the mean of their residuals."""
    found = []
    for before, after in zip(staged[:-1, 0], staged[1:, 0], strict=True):
        total = (after - before) / learning_rate * n_drawn + before * n_drawn
        found.append(round(float(total)) if abs(total - round(float(total))) < 1e-4 else -1)
    return [[bit for bit in range(len(y)) if total >> bit & 1] if total >= 0 else [] for total in found]


@pytest.mark.correctness("Subsample", "Stage")
@pytest.mark.parametrize(("subsample", "n_drawn"), [(0.5, 5), (0.27, 2), (0.05, 1)])
def test_subsample(submission, subsample, n_drawn):
    """Each stage sees that many rows, drawn anew, uniformly and without replacement, and moves all rows."""
    # The feature is constant, so a leaf holds all drawn rows; their targets are powers of two.
    X, y, n_stages = np.ones((10, 1)), 2.0 ** np.arange(10), 300
    options = {"subsample": subsample, "n_stages": n_stages, "learning_rate": 0.5}
    staged, _, loss = submission.run(drive, options, X, y, X)
    assert_shape(staged, (n_stages + 1, 10), what="the array of staged predictions")
    assert_close(staged[0], np.full(10, y.mean()), what="the first row of staged predictions")
    rows = drawn_rows(staged, y, n_drawn, 0.5)
    wrong = [place for place, drawn in enumerate(rows) if len(drawn) != n_drawn]
    hint = f"it is not what {n_drawn} different rows of 10 give"
    assert_true(not wrong, f"the step of a stage with subsample={subsample} is wrong: {hint}", f"stages {wrong[:5]}")
    often = np.bincount(np.concatenate(rows), minlength=10)
    p = n_drawn / 10
    allowed = 6 * math.sqrt(n_stages * p * (1 - p))
    assert_true(
        np.abs(often - n_stages * p).max() <= allowed,
        "the rows are not drawn anew and uniformly for each stage",
        f"in {n_stages} stages each of 10 rows was drawn between {often.min()} and {often.max()} times",
    )
    assert_close(loss, ((y - staged) ** 2).mean(axis=1), rtol=1e-6, what="train_loss_ over all rows")
    options |= {"loss": "log", "n_stages": 30, "learning_rate": 0.2}
    raw = submission.run(drive, options, X, [1, 0, 0, 1, 0, 0, 0, 1, 0, 0], X)[0][:, 0]
    assert_close(raw[0], math.log(3 / 7), what="the start under log loss")
    # A leaf is (positives - n_drawn p) / (n_drawn p (1 - p)).
    p = 1 / (1 + np.exp(-raw[:-1]))
    positives = n_drawn * (p + np.diff(raw) / 0.2 * p * (1 - p))
    assert_close(
        positives, positives.round(), atol=1e-6, what="the number of rows of the second class drawn by a stage"
    )
    assert_true(np.ptp(positives) > 0.5, "under log loss rows must be drawn anew for each stage")


@pytest.mark.correctness("Subsample", "Stage", "Leaves")
def test_rows_that_were_not_drawn(submission, rng):
    """Rows that a stump did not see move as well, and its leaves are fitted to the drawn rows alone."""
    X = np.repeat([[0.0], [1.0]], 8, axis=0)
    y = np.repeat([0.0, 10.0], 8)
    staged, _, loss = submission.run(drive, {"subsample": 0.5, "n_stages": 60, "learning_rate": 0.5}, X, y, X)
    assert_true(np.ptp(staged[:, :8], axis=1).max() < 1e-9, "rows with the same features must have the same prediction")
    assert_close(staged[-1], y, atol=0.05, what="the array of predictions after 60 stages")
    assert_close(loss, ((y - staged) ** 2).mean(axis=1), what="train_loss_ over all rows")


def drawn_sides(left, right, n_drawn):
    """Which rows of a stump's two leaves were drawn, where leaves are means of powers of two: sets of bits."""
    for n_left in range(1, n_drawn):
        sums = [left * n_left, right * (n_drawn - n_left)]
        if all(abs(total - round(total)) < 1e-6 for total in sums):
            bits = [[bit for bit in range(12) if round(total) >> bit & 1] for total in sums]
            if [len(side) for side in bits] == [n_left, n_drawn - n_left]:
                return bits
    return None


@pytest.mark.correctness("Split", "Subsample")
def test_thresholds_of_drawn_rows(submission):
    """Thresholds lie in the middle between neighbouring drawn rows; rows that were not drawn have no say."""
    X, y = np.arange(10.0)[:, None], 2.0 ** np.arange(10)
    queries = np.arange(0.0, 9.1, 0.25)[:, None]
    for seed in range(8):
        options = {"subsample": 0.4, "n_stages": 1, "learning_rate": 1.0, "seed": seed}
        start, after = submission.run(drive, options, X, y, queries)[0].tolist()
        assert_close(start[0], y.mean(), what="the start")
        sides = drawn_sides(after[0], after[-1], 4)
        assert_true(
            sides is not None, "the leaves must be the means of four drawn rows", f"got {after[0]}, {after[-1]}"
        )
        threshold = max(query for query, value in zip(queries[:, 0].tolist(), after, strict=True) if value == after[0])
        assert_equal(threshold, (sides[0][-1] + sides[1][0]) / 2, what="the threshold")


@pytest.mark.edge_case("Ties")
def test_ties(submission, rng):
    """Of splits with the same gain the lower feature is taken, and of those the lower threshold."""
    x = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
    y = np.array([3.0, 0.0, 0.0, 0.0, 3.0])
    # Both ends gain the same; the second feature is the first one turned round, and the third a copy.
    X = np.stack([x, -x, x], axis=1)
    queries = np.array([[-9.0, 9.0, 9.0], [9.0, 9.0, 9.0], [9.0, 9.0, -9.0], [-9.0, -9.0, -9.0]])
    for loss, target in (("squared", y), ("log", y / 3)):
        options = {"loss": loss, "n_stages": 1}
        staged, _, _ = submission.run(drive, options, X, target, queries)
        expected = slow_boosting(X, target, queries, **options)[0]
        assert_close(staged, expected, what=f"the array of staged predictions under {loss} loss")
    # The upper end gains more, by a share of 2e-7: no tie, however small the numbers are.
    y = np.array([3.0, 0.0, 0.0, 0.0, 3.0 + 3e-7]) * 1e-4
    staged, _, _ = submission.run(drive, {"n_stages": 1}, X[:, :1], y, X[:, :1])
    expected = slow_boosting(X[:, :1], y, X[:, :1], n_stages=1)[0] * 1e4
    assert_close(staged * 1e4, expected, what="the array of staged predictions times 1e4")
    for _ in range(8):
        # Each threshold has a twin of the same gain on the other side of the middle.
        X, half = np.arange(14.0)[:, None], rng.normal(size=7)
        y = np.concatenate([half, half[::-1]])
        staged, _, _ = submission.run(drive, {"n_stages": 1}, X, y, X)
        assert_close(staged, slow_boosting(X, y, X, n_stages=1)[0], what="the array of staged predictions")
    X, y = rng.integers(3, size=(20, 3)), rng.integers(2, size=20)
    y[:2] = [0, 1]
    queries = rng.integers(3, size=(12, 3))
    for loss in ("squared", "log"):
        options = {"loss": loss, "n_stages": 6, "learning_rate": 0.5}
        staged, _, train_loss = submission.run(drive, options, X, y, queries)
        assert_boosted((staged, train_loss), slow_boosting(X, y, queries, **options))


@pytest.mark.edge_case("No split", "Split", "Predict")
def test_constant_features(submission):
    """Constant features give a single leaf; equal values are not separated; one sample is enough."""
    X = np.array([[2.0, 5.0]] * 3)
    for loss, y in (("squared", [1.0, 2.0, 6.0]), ("log", [1, 0, 1])):
        options = {"loss": loss, "n_stages": 3}
        staged, _, train_loss = submission.run(drive, options, X, y, [[0.0, 0.0], [9.0, 9.0]])
        assert_boosted((staged, train_loss), slow_boosting(X, y, [[0.0, 0.0], [9.0, 9.0]], **options))
    labels = submission.run(drive_predict, {"loss": "log", "n_stages": 2}, X[:2], ["up", "down"], X)
    assert_equal(labels, ["down"] * 3, what="the array of labels where F is 0")
    X, y = np.array([[1.0, 3.0], [1.0, 3.0], [1.0, 4.0], [1.0, 3.0]]), [5.0, -5.0, 2.0, 7.0]
    staged, _, train_loss = submission.run(drive, {"n_stages": 3}, X, y, X)
    assert_boosted((staged, train_loss), slow_boosting(X, y, X, n_stages=3))
    staged, _, train_loss = submission.run(drive, {"n_stages": 2}, [[3.0]], [4.0], [[1.0]])
    assert_boosted((staged, train_loss), (np.full((3, 1), 4.0), np.zeros(3)))


@pytest.mark.edge_case("Leaves", "Training loss", "Predict")
def test_saturated_probabilities(submission):
    """Where classes are separated and F grows large, leaves become 0, and nothing is NaN or infinite."""
    X, y = np.array([[0.0], [1.0], [2.0], [3.0], [4.0]]), np.array([0, 0, 1, 1, 1])
    _, staged, proba, predicted, loss = submission.run(drive_log, {"n_stages": 80, "learning_rate": 1.0}, X, y, X)
    expected = slow_boosting(X, y, X, loss="log", n_stages=80, learning_rate=1.0)
    assert_close(staged, expected[0], rtol=1e-4, what="the array of staged predictions")
    assert_equal(predicted, y, what="the array of labels")
    assert_close(proba, np.stack([1.0 - y, y], axis=1), atol=1e-8, what="the array of probabilities")
    assert_close(loss, expected[1], rtol=1e-4, atol=1e-12, what="train_loss_")
    # A rate this large takes F beyond 1000 at once.
    options = {"n_stages": 3, "learning_rate": 1000.0}
    _, staged, proba, _, loss = submission.run(drive_log, options, X[:4], [1, 1, 0, 1], X[:4])
    start, left, right = math.log(3), 0.5 / 0.375, -0.5 / 0.375
    assert_close(staged[1], [start + 1000 * left] * 2 + [start + 1000 * right] * 2, what="the second stage")
    assert_close(proba.sum(axis=1), np.ones(4), what="the sum of the probabilities")
    assert_close(loss[1], (-1000 * right - start) / 4, rtol=1e-6, what="the training loss after one stage")


@pytest.mark.edge_case("Seed", "Subsample", "Estimator")
def test_seeds(submission, rng):
    """The same seed gives the same model, another one another model, and the global state is left alone."""
    X, y = draw(rng, 30, 2)
    seeds = (0, 0, 4, 5)
    found = [submission.run(drive, {"subsample": 0.5, "n_stages": 4, "seed": seed}, X, y, X) for seed in seeds]
    assert_close(found[1][0], found[0][0], what="the array of staged predictions with the same seed")
    options = {"subsample": 0.5, "n_stages": 4, "seed": 5}
    _, again, _ = submission.run(drive_refit, options, (X, y), (X, y), X)
    assert_close(again, found[3][0], what="the array of staged predictions after a second fit")
    assert_close(found[0][0][0], np.full(30, y.mean()), what="the first row of staged predictions")
    different = len({round(float(result[0][-1].sum()), 9) for result in found})
    assert_equal(different, 3, what="the number of different models from three seeds")
    whole = [submission.run(drive, {"n_stages": 3, "seed": seed}, X, y, X)[0] for seed in (1, 2)]
    assert_close(whole[1], whole[0], what="the array of staged predictions with all rows and another seed")
    loss, following = submission.run(beside_the_global_state, X, y)
    assert_shape(loss, (4,), what="train_loss_")
    expected = float(np.random.RandomState(5).random_sample())
    assert_equal(following, expected, what="the next number from numpy's global random state")


@pytest.mark.edge_case("Input", "Staged")
@pytest.mark.parametrize("kind", ["uint8", "int64", "float32", "turned", "lists"])
def test_kinds_of_input(submission, rng, kind):
    """Integers, float32, non-contiguous arrays and nested lists are worked out in float64; 0 samples have 0 columns."""
    X, y = rng.integers(200, 256, size=(16, 3)), rng.integers(200, 256, size=16)
    change = {"turned": lambda array: np.repeat(array, 2, axis=0)[::2], "lists": np.ndarray.tolist}
    change = change.get(kind, lambda array: array.astype(kind))
    options = {"n_stages": 4, "learning_rate": 0.3}
    staged, _, loss = submission.run(drive, options, change(X), change(y), change(X))
    assert_boosted((staged, loss), slow_boosting(X, y, X, **options))
    staged, predicted, _ = submission.run(drive, options, change(X), change(y), np.empty((0, 3)))
    assert_shape(staged, (5, 0), what="the array of staged predictions of no sample")
    assert_shape(predicted, (0,), what="the array of predictions of no sample")


@pytest.mark.edge_case("Errors")
def test_bad_options(submission, rng):
    """Options that make no sense raise ValueError, in fit at the latest."""
    X, y = draw(rng, 10, 2)
    refused = [("loss", "hinge"), ("n_stages", 0), ("n_stages", -3), ("learning_rate", 0.0), ("learning_rate", -0.1)]
    refused += [("subsample", 0.0), ("subsample", 1.5), ("subsample", -0.5)]
    for name, value in refused:
        with raises(ValueError, when=f"{name} is {value!r}"):
            submission.run(drive_predict, {name: value}, X, y, X)
    with raises(ValueError, when="predict_proba is called under squared loss"):
        submission.run(drive_proba, {"n_stages": 2}, X, y, X)
    for method in ("predict", "staged_raw", "predict_proba"):
        with raises(RuntimeError, when=f"{method} is called before fit"):
            submission.run(drive_unfitted, method)


@pytest.mark.edge_case("Errors", "Losses")
def test_bad_arrays(submission, rng):
    """NaN, infinity, one class or three, and arrays that do not fit raise ValueError."""
    X, y = draw(rng, 10, 2)
    y[:2] = [1.0, -1.0]
    options, questions = {"n_stages": 2}, (drive_predict, drive_proba, drive_staged)
    for bad in (math.nan, math.inf, -math.inf):
        broken, target = X.copy(), y.copy()
        broken[3, 1] = target[4] = bad
        for points, labels, where in ((broken, y, "the training X contains"), (X, target, "y contains")):
            with raises(ValueError, when=f"{where} {bad}"):
                submission.run(drive_predict, options, points, labels, X)
        for method in questions:
            with raises(ValueError, when=f"X contains {bad}"):
                submission.run(method, {"loss": "log", **options}, X, y > 0.2, broken)
    for labels in ([0] * 10, [1] * 10, [0, 1, 2, 0, 1, 2, 0, 1, 2, 0]):
        with raises(ValueError, when=f"there are {len(set(labels))} classes under log loss"):
            submission.run(drive_predict, {"loss": "log", **options}, X, labels, X)
    cases = [(X, np.resize(y, n), f"X has 10 rows and y {n}") for n in (9, 11)]
    cases += [(other, y, f"the training X has shape {other.shape}") for other in (X[:, 0], X[:, :, None])]
    for points, labels, when in (*cases, (X[:0], y[:0], "there are no samples")):
        with raises(ValueError, when=when):
            submission.run(drive_predict, options, points, labels, X)
    for other in (X[:, :1], np.ones((4, 3)), np.ones(2), np.empty((0, 3))):
        for method in questions:
            with raises(ValueError, when=f"fit saw 2 features and X has shape {other.shape}"):
                submission.run(method, {"loss": "log", **options}, X, y > 0.2, other)


@pytest.mark.edge_case("Arguments")
def test_arguments_stay_as_they_were(submission, rng):
    """Training data and samples to predict are not written to."""
    for loss in ("squared", "log"):
        X, y = draw(rng, 14, 2, loss)
        queries = rng.normal(size=(5, 2))
        options = {"loss": loss, "n_stages": 3}
        seen = submission.probe(drive).observe(options, X, y, queries)
        assert_close(seen.value[0], slow_boosting(X, y, queries, **options)[0], what="the array of staged predictions")
        seen.assert_unchanged()


def samples(rng):
    X = rng.normal(size=(4000, 2))
    y = np.where(X[:, 0] > 0.3, 5.0, -1.0) + (X[:, 1] > -0.2)
    # Beside the steps, where a split may be off by some samples.
    clear = (np.abs(X[:, 0] - 0.3) > 0.1) & (np.abs(X[:, 1] + 0.2) > 0.1)
    return {"n_stages": 10, "learning_rate": 1.0}, X, y, X[clear][:50].copy()


def judge(found, options, X, y, queries):
    expected = np.where(queries[:, 0] > 0.3, 5.0, -1.0) + (queries[:, 1] > -0.2)
    assert_close(found, expected, atol=0.1, what="the array of predictions")


@pytest.mark.performance("Speed")
def test_cpu_time(submission, measure):
    """Ten stages with 4,000 samples are fitted without summing anew for each threshold."""
    hint = "sort each feature and keep running sums"
    measure.cpu_ratio(drive_predict, samples, at_most=60.0, judge=judge, hint=hint)
