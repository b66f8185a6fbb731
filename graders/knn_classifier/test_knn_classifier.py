"""Hidden checks of knn_classifier."""

import numpy as np
import pytest

from mlkata.compare import assert_close, assert_dtype, assert_equal, assert_shape, assert_true, raises


def nearest(X, queries, k):
    """Distances and indices of the k nearest, pair by pair in Python numbers; integers stay exact."""
    points, distances, indices = X.tolist(), [], []
    for query in queries.tolist():
        found = sorted(
            (sum((a - b) ** 2 for a, b in zip(query, x, strict=True)), place) for place, x in enumerate(points)
        )
        distances.append([squared**0.5 for squared, _ in found[:k]])
        indices.append([place for _, place in found[:k]])
    return np.array(distances), np.array(indices)


def shares(labels, classes, distances, weights):
    """The share of each class in the votes of one query's neighbours."""
    votes = [1.0] * len(labels) if weights == "uniform" else [1 / distance for distance in distances]
    pairs = list(zip(labels, votes, strict=True))
    return [sum(vote for label, vote in pairs if label == name) / sum(votes) for name in classes]


def draw(rng, n_samples, n_queries, n_features, labels=("b", "c", "a")):
    X, queries = rng.normal(size=(n_samples, n_features)), rng.normal(size=(n_queries, n_features))
    drawn = rng.integers(len(labels), size=n_samples)
    drawn[: len(labels)] = range(len(labels))
    return X, np.array(labels)[drawn], queries


def drive_kneighbors(module, options, X, y, queries):
    """KNNClassifier(**options).fit(X, y).kneighbors(queries)"""
    model = module.KNNClassifier(**options)
    model.fit(X, y)
    return model.kneighbors(queries)


def drive_predict(module, options, X, y, queries):
    """KNNClassifier(**options).fit(X, y).predict(queries)"""
    model = module.KNNClassifier(**options)
    model.fit(X, y)
    return model.predict(queries)


def drive_proba(module, options, X, y, queries):
    """KNNClassifier(**options).fit(X, y).predict_proba(queries)"""
    model = module.KNNClassifier(**options)
    model.fit(X, y)
    return model.predict_proba(queries)


def drive_all(module, options, X, y, queries):
    """KNNClassifier(**options).fit(X, y): its classes_, predict_proba(queries), predict(queries)"""
    model = module.KNNClassifier(**options)
    model.fit(X, y)
    return model.classes_, model.predict_proba(queries), model.predict(queries)


def drive_fit(module, options, X, y):
    """KNNClassifier(**options).fit(X, y)"""
    module.KNNClassifier(**options).fit(X, y)


def drive_refit(module, options, first, second, queries):
    """model = KNNClassifier(**options).fit(*first); model.fit(*second), classes_, predict, kneighbors"""
    model = module.KNNClassifier(**options)
    model.fit(*first)
    chained = model.fit(*second) is model
    return chained, model.classes_, model.predict(queries), model.kneighbors(queries)


def drive_unfitted(module, method, queries):
    """a method of KNNClassifier(), without fit"""
    getattr(module.KNNClassifier(), method)(queries)


def drive_change(module, options, X, y, queries):
    """model = KNNClassifier(**options).fit(X, y); X += 100; y[:] = y[0]; model.predict(queries), kneighbors(queries)"""
    model = module.KNNClassifier(**options)
    model.fit(X, y)
    X += 100
    y[:] = y[0]
    return model.predict(queries), model.kneighbors(queries)


def drive_guarded_predict(module, options, X, y, queries):
    """KNNClassifier(**options).fit(X, y).predict(queries)"""
    # All pairs at once would take more memory than many a machine has: let numpy refuse instead.
    import resource

    with open("/proc/self/statm") as file:
        most = int(file.read().split()[0]) * resource.getpagesize() + 2**31
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if soft == resource.RLIM_INFINITY or soft > most:
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    return drive_predict(module, options, X, y, queries)


def assert_neighbours(found, expected, *, rtol=1e-9):
    """A pair of arrays with the shapes, dtypes and values that `kneighbors` promises."""
    pair = isinstance(found, (tuple, list)) and len(found) == 2
    assert_true(pair, "kneighbors must return two arrays, distances and indices")
    distances, indices = found
    assert_equal(indices, expected[1], what="the indices of the neighbours")
    assert_close(distances, expected[0], rtol=rtol, atol=0.0, what="the distances of the neighbours")
    assert_dtype(distances, "float64", what="the array of distances")
    assert_dtype(indices, "int64", what="the array of indices")


def assert_labels(found, expected):
    """Labels as `predict` promises them: these values, in an array of this kind."""
    assert_equal(found, expected, what="the predicted labels")
    same_kind = np.asarray(found).dtype.kind == expected.dtype.kind
    assert_true(
        same_kind, "the predicted labels must be of the kind that y has", f"got dtype {np.asarray(found).dtype}"
    )


@pytest.mark.correctness("Distance", "Neighbours")
@pytest.mark.parametrize(("k", "unit"), [(1, 1.0), (6, 1e-20), (450, 1.0)])
def test_nearest_neighbours(submission, rng, k, unit):
    """The k nearest training points of each query are found, the nearest first, with their Euclidean distances."""
    X, y, queries = draw(rng, 600, 7, 3)
    X, queries = X * unit, queries * unit
    found = submission.run(drive_kneighbors, {"n_neighbors": k}, X, y, queries)
    assert_neighbours(found, nearest(X, queries, k))


@pytest.mark.correctness("Votes", "Probabilities")
def test_votes_and_probabilities(submission, rng):
    """Each neighbour has one vote, and the columns of the shares follow the sorted classes."""
    X, y, queries = draw(rng, 40, 15, 2, labels=(7, 30, -2))
    classes, proba, predicted = submission.run(drive_all, {}, X, y, queries)
    _, indices = nearest(X, queries, 5)
    expected = np.array([shares(y[row].tolist(), [-2, 7, 30], None, "uniform") for row in indices])
    assert_equal(classes, [-2, 7, 30], what="classes_")
    assert_close(proba, expected, rtol=1e-9, what="the probabilities with 5 neighbours, the default")
    assert_dtype(proba, "float64", what="the array of probabilities")
    assert_labels(predicted, np.array([-2, 7, 30])[expected.argmax(axis=1)])


@pytest.mark.correctness("Labels")
@pytest.mark.parametrize("labels", [("pear", "fig", "apple"), (-1, -7), (1000003, 5), (True, False), (2.5, -0.1, 1.0)])
def test_labels_of_any_kind(submission, rng, labels):
    """Labels may be text, numbers in any range, or booleans, and come back as what they were."""
    X, y, queries = draw(rng, 30, 12, 2, labels=labels)
    classes, _, predicted = submission.run(drive_all, {"n_neighbors": 1}, X, y, queries)
    assert_equal(classes, sorted(labels), what="classes_")
    assert_labels(predicted, y[nearest(X, queries, 1)[1][:, 0]])


@pytest.mark.correctness("Weights")
def test_distance_weights(submission, rng):
    """Under weights="distance" a neighbour counts one over its distance."""
    options = {"n_neighbors": 3, "weights": "distance"}
    X, y = np.array([[0.0], [3.0], [7.0]]), np.array(["near", "far", "far"])
    for unit in (1.0, 1e-13, 1e90):
        classes, proba, predicted = submission.run(drive_all, options, X * unit, y, np.array([[unit]]))
        assert_equal(classes, ["far", "near"], what="classes_")
        what = f"the probabilities of neighbours at distances 1, 2 and 6, all times {unit}"
        assert_close(proba, [[0.4, 0.6]], rtol=1e-9, what=what)
        assert_labels(predicted, np.array(["near"]))
    X, y, queries = draw(rng, 40, 15, 3)
    _, proba, predicted = submission.run(drive_all, {"n_neighbors": 7, "weights": "distance"}, X, y, queries)
    expected = [
        shares(y[row].tolist(), "abc", d.tolist(), "distance") for d, row in zip(*nearest(X, queries, 7), strict=True)
    ]
    assert_close(proba, expected, rtol=1e-9, what="the probabilities with 7 neighbours")
    assert_labels(predicted, np.array(list("abc"))[np.argmax(expected, axis=1)])


@pytest.mark.correctness("Estimator")
def test_second_fit(submission, rng):
    """fit returns the estimator, and a second fit forgets the first: its points, classes and number of features."""
    X, y, queries = draw(rng, 20, 9, 2, labels=("x", "y"))
    first = draw(rng, 25, 1, 3, labels=("u", "x", "w"))[:2]
    chained, classes, predicted, found = submission.run(drive_refit, {"n_neighbors": 1}, first, (X, y), queries)
    distances, indices = nearest(X, queries, 1)
    assert_true(chained, "fit must return the estimator itself")
    assert_equal(classes, ["x", "y"], what="classes_ after the second fit")
    assert_neighbours(found, (distances, indices))
    assert_labels(predicted, y[indices[:, 0]])


@pytest.mark.correctness("Memory")
@pytest.mark.parametrize("batch_memory_mb", [1e-6, 0.002, 0.01, 1])
def test_batches_change_nothing(submission, rng, batch_memory_mb):
    """The result is the same whatever the memory budget, also where a batch holds one query or the last is not full."""
    X, y, queries = draw(rng, 50, 37, 2)
    found = submission.run(drive_kneighbors, {"n_neighbors": 4, "batch_memory_mb": batch_memory_mb}, X, y, queries)
    assert_neighbours(found, nearest(X, queries, 4))


@pytest.mark.edge_case("Ties in distance")
@pytest.mark.parametrize("k", [1, 2, 5, 11])
def test_ties_in_distance(submission, rng, k):
    """Of training points at the same distance the lower index comes first, in the order and at the k-th place."""
    X, queries = rng.integers(4, size=(70, 2)), rng.integers(4, size=(20, 2))
    found = submission.run(drive_kneighbors, {"n_neighbors": k}, X.astype(float), X[:, 0], queries.astype(float))
    assert_neighbours(found, nearest(X, queries, k))
    ring = np.array([[0.0, 5.0], [3.0, -4.0], [-5.0, 0.0], [4.0, 3.0], [0.0, 6.0], [5.0, 0.0]] * 2)
    found = submission.run(drive_kneighbors, {"n_neighbors": k}, ring, np.arange(12), np.zeros((1, 2)))
    order = [0, 1, 2, 3, 5, 6, 7, 8, 9, 11, 4, 10][:k]
    assert_neighbours(found, (np.array([[6.0 if place % 6 == 4 else 5.0 for place in order]]), np.array([order])))


@pytest.mark.edge_case("Ties in votes")
@pytest.mark.parametrize("weights", ["uniform", "distance"])
def test_ties_in_votes(submission, weights):
    """Of classes with equally many votes the first in classes_ wins, wherever its points lie."""
    X, y = np.array([[5.0], [1.0], [-2.0], [2.0], [-4.0]]), np.array(["m", "z", "b", "b", "m"])
    k = 3 if weights == "distance" else 5
    _, proba, predicted = submission.run(drive_all, {"n_neighbors": k, "weights": weights}, X, y, np.array([[0.0]]))
    expected = [0.5, 0.0, 0.5] if weights == "distance" else [0.4, 0.4, 0.2]
    assert_close(proba, [expected], rtol=1e-9, what="the probabilities in a tie")
    assert_labels(predicted, np.array(["b"]))
    far_first = submission.run(drive_predict, {"n_neighbors": 2}, X[[1, 2]], np.array([8, -3]), np.array([[0.5]]))
    assert_labels(far_first, np.array([-3]))


@pytest.mark.edge_case("Weights", "Neighbours")
def test_queries_on_training_points(submission):
    """Where neighbours lie at distance 0, under weights="distance" these alone vote, one vote each."""
    X = np.array([[0.1, 0.3], [2.0, 2.0], [0.1, 0.3], [0.1, 0.3], [0.1, 1.3], [0.1, 4.3]])
    y, queries = np.array(["c", "a", "b", "c", "a", "a"]), np.array([[0.1, 0.3], [0.1, 2.3], [2.0, 2.0]])
    distances, indices = nearest(X, queries, 5)
    beside = shares(y[indices[1]].tolist(), "abc", distances[1].tolist(), "distance")
    _, proba, predicted = submission.run(drive_all, {"n_neighbors": 5, "weights": "distance"}, X, y, queries)
    expected = [[0.0, 1 / 3, 2 / 3], beside, [1.0, 0.0, 0.0]]
    assert_close(
        proba, expected, rtol=1e-9, atol=0.0, what="the probabilities on three equal points, beside, and on one"
    )
    assert_labels(predicted, np.array(list("abc"))[np.argmax(expected, axis=1)])
    _, proba, _ = submission.run(drive_all, {"n_neighbors": 2, "weights": "distance"}, X, y, queries[:1])
    assert_close(
        proba, [[0.0, 0.5, 0.5]], rtol=1e-9, atol=0.0, what="the probabilities of 2 neighbours among three equal points"
    )
    _, proba, _ = submission.run(drive_all, {"n_neighbors": 5}, X, y, queries[:1])
    assert_close(proba, [[0.4, 0.2, 0.4]], rtol=1e-9, what="the probabilities under weights='uniform'")
    assert_neighbours(submission.run(drive_kneighbors, {"n_neighbors": 2}, X, y, X), nearest(X, X, 2))


@pytest.mark.edge_case("Accuracy", "Ties in distance")
@pytest.mark.parametrize("offset", [1e6, 1e8])
def test_large_offset(submission, rng, offset):
    """Points far from the origin keep the distances, the order and the exact ties that they have among themselves."""
    away = np.array([offset, -offset, offset])
    X, y, queries = draw(rng, 40, 11, 3)
    X, queries = X + away, queries + away
    queries[4] = X[13]
    found = submission.run(drive_kneighbors, {"n_neighbors": 6}, X, y, queries)
    assert_neighbours(found, nearest(X, queries, 6))
    lattice, queries = rng.integers(4, size=(40, 3)), rng.integers(4, size=(11, 3))
    found = submission.run(drive_kneighbors, {"n_neighbors": 6}, lattice + away, y, queries + away)
    assert_neighbours(found, nearest(lattice, queries, 6))


@pytest.mark.edge_case("Input")
@pytest.mark.parametrize(
    "kind", ["uint8", "int8", "uint16", "int32", "uint64", "int64", "float16", "float32", "turned", "lists"]
)
def test_kinds_of_input(submission, rng, kind):
    """Integers of any width, float32, non-contiguous arrays and nested lists are taken at their exact values."""
    X, queries, y = rng.integers(256, size=(30, 3)), rng.integers(256, size=(13, 3)), np.repeat(["p", "q", "r"], 10)
    if kind == "int8":
        X, queries = X - 128, queries - 128
    if kind == "uint16":
        X, queries = X * 257, queries * 257
    if kind in ("int32", "uint64", "int64"):
        X, queries = 999_000_000 + X * 3907, 999_000_000 + queries * 3907
    if kind.startswith("float"):
        X, queries = X + rng.normal(size=X.shape), queries + rng.normal(size=queries.shape)
    if kind not in ("turned", "lists"):
        X, queries = X.astype(kind), queries.astype(kind)
    if kind == "turned":
        X, queries, y = np.asfortranarray(X), np.repeat(queries, 2, axis=0)[::2], np.repeat(y, 2)[::2]
    given = (X.tolist(), y.tolist(), queries.tolist()) if kind == "lists" else (X, y, queries)
    expected = nearest(X, queries, 4)
    assert_neighbours(submission.run(drive_kneighbors, {"n_neighbors": 4}, *given), expected)
    assert_labels(submission.run(drive_predict, {"n_neighbors": 1}, *given), y[expected[1][:, 0]])


@pytest.mark.edge_case("Empty query")
def test_empty_query(submission, rng):
    """No query gives empty arrays that have the other dimension and the dtype of full ones."""
    X, y, queries = draw(rng, 10, 0, 3)
    for weights in ("uniform", "distance"):
        options = {"n_neighbors": 4, "weights": weights}
        _, proba, predicted = submission.run(drive_all, options, X, y, queries)
        assert_shape(proba, (0, 3), what="the array of probabilities")
        assert_dtype(proba, "float64", what="the array of probabilities")
        assert_labels(predicted, np.empty(0, dtype="U1"))
    found = submission.run(drive_kneighbors, {"n_neighbors": 4}, X, y, queries)
    assert_neighbours(found, (np.empty((0, 4)), np.empty((0, 4), dtype=np.int64)))


@pytest.mark.edge_case("Neighbours")
@pytest.mark.parametrize("n", [1, 9])
def test_all_training_points(submission, rng, n):
    """n_neighbors may be the number of training points, also where there is but one."""
    X, queries, y = rng.normal(size=(n, 2)), rng.normal(size=(6, 2)), np.array([3, 3, 1, 2, 2, 2, 3, 3, 1][:n])
    assert_neighbours(submission.run(drive_kneighbors, {"n_neighbors": n}, X, y, queries), nearest(X, queries, n))
    classes, proba, predicted = submission.run(drive_all, {"n_neighbors": n}, X, y, queries)
    assert_equal(classes, sorted(set(y.tolist())), what="classes_")
    assert_close(proba, [[1.0] if n == 1 else [2 / 9, 3 / 9, 4 / 9]] * 6, rtol=1e-9, what="the probabilities")
    assert_labels(predicted, np.full(6, 3))


@pytest.mark.edge_case("Errors")
def test_bad_options(submission, rng):
    """Options that make no sense raise ValueError, in fit at the latest."""
    X, y, _ = draw(rng, 6, 0, 2)
    refused = [
        ({"n_neighbors": 0}, "n_neighbors is 0"),
        ({"n_neighbors": -2}, "n_neighbors is -2"),
        ({"n_neighbors": 7}, "n_neighbors is 7 and there are 6 training points"),
        ({"weights": "inverse"}, "weights is 'inverse'"),
        ({"weights": None}, "weights is None"),
        ({"batch_memory_mb": 0}, "batch_memory_mb is 0"),
        ({"batch_memory_mb": -1}, "batch_memory_mb is -1"),
    ]
    for options, when in refused:
        with raises(ValueError, when=when):
            submission.run(drive_fit, options, X, y)


@pytest.mark.edge_case("Errors")
def test_bad_arrays(submission, rng):
    """NaN, infinity and arrays that do not fit raise ValueError, and a question before fit raises RuntimeError."""
    X, y, queries = draw(rng, 8, 4, 2)
    for bad in (np.nan, np.inf, -np.inf):
        broken, asked = X.copy(), queries.copy()
        broken[3, 1] = asked[2, 0] = bad
        with raises(ValueError, when=f"the training X contains {bad}"):
            submission.run(drive_fit, {}, broken, y)
        for method in (drive_predict, drive_kneighbors, drive_proba):
            with raises(ValueError, when=f"the queries contain {bad}"):
                submission.run(method, {}, X, y, asked)
    for method in (drive_predict, drive_kneighbors, drive_proba):
        for misfit in (queries[:, :1], np.ones((4, 3)), np.ones(2), np.ones((1, 4, 2)), np.empty((0, 3))):
            with raises(ValueError, when=f"fit saw 2 features and the queries have shape {misfit.shape}"):
                submission.run(method, {}, X, y, misfit)
    for n in (7, 9):
        with raises(ValueError, when=f"X has 8 rows and y {n} labels"):
            submission.run(drive_fit, {}, X, np.resize(y, n))
    for misfit in (X[:, 0], X.reshape(2, 4, 2)):
        with raises(ValueError, when=f"X has shape {misfit.shape}"):
            submission.run(drive_fit, {}, misfit, y[: len(misfit)])
    for name in ("predict", "predict_proba", "kneighbors"):
        with raises(RuntimeError, when=f"{name} is called before fit"):
            submission.run(drive_unfitted, name, queries)


@pytest.mark.edge_case("Arrays")
def test_arrays_of_the_caller(submission, rng):
    """Arrays passed in are not written to, and changing the training data afterwards changes no prediction."""
    X, y, queries = draw(rng, 20, 10, 2)
    expected = nearest(X, queries, 1)
    for drive in (drive_predict, drive_kneighbors):
        seen = submission.probe(drive).observe({"n_neighbors": 1, "weights": "distance"}, X, y, queries)
        seen.assert_unchanged()
    predicted, found = submission.run(drive_change, {"n_neighbors": 1}, X, y, queries)
    assert_neighbours(found, expected)
    assert_labels(predicted, y[expected[1][:, 0]])


def line(rng, n_samples, n_queries):
    # In order along the line: an answer that sorts all distances has two sorted runs to merge, and is quick too.
    return np.sort(rng.normal(size=(n_samples, 1)), axis=0), rng.normal(size=(n_queries, 1))


def some_points_on_a_line(rng):
    X, queries = line(rng, 5000, 300)
    return {"n_neighbors": 5}, X, rng.choice(["left", "right"], size=len(X)), queries


def judge_some(labels, options, X, y, queries):
    places = np.abs(queries - X[:, 0]).argsort(axis=1)[:, :5]
    votes = (y[places] == "right").sum(axis=1)
    assert_equal(labels, np.where(votes > 2, "right", "left"), what="the labels of 300 queries")


@pytest.mark.performance("Speed")
def test_cpu_time(submission, measure):
    """Distances to all training points are worked out together, not pair by pair."""
    hint = "let numpy work out all distances of a query, or of a batch, at once"
    measure.cpu_ratio(drive_predict, some_points_on_a_line, at_most=10.0, judge=judge_some, hint=hint)


def many_points_on_a_line(rng):
    X, queries = line(rng, 20_000, 20_000)
    return {"n_neighbors": 1, "batch_memory_mb": 8}, X, rng.integers(3, size=len(X)), queries


def judge_many(labels, options, X, y, queries):
    points, asked = X[:, 0], queries[:, 0]
    right = np.searchsorted(points, asked).clip(1, len(points) - 1)
    places = np.where(asked - points[right - 1] <= points[right] - asked, right - 1, right)
    assert_equal(labels, y[places], what="the labels of 20,000 queries")


@pytest.mark.performance("Memory")
def test_memory(submission, measure):
    """20,000 queries among 20,000 training points stay near the budget of 8 MB, far from the 3 GB of all distances."""
    hint = "work through the queries in batches, and count everything that a batch needs"
    measure.peak_megabytes(
        drive_guarded_predict, many_points_on_a_line, at_most=32.0, at_most_time=8.0, judge=judge_many, hint=hint
    )


def points_in_many_dimensions(rng):
    X, queries = rng.normal(size=(3000, 64)), rng.normal(size=(200, 64))
    return {"n_neighbors": 1, "batch_memory_mb": 8}, X, rng.integers(3, size=3000), queries


def judge_dimensions(labels, options, X, y, queries):
    places = ((X**2).sum(axis=1) - 2 * queries @ X.T).argmin(axis=1)
    assert_equal(labels, y[places], what="the labels of 200 queries with 64 features")


@pytest.mark.performance("Memory")
def test_memory_with_many_features(submission, measure):
    """With 64 features a call keeps within a few times its budget as well."""
    hint = "an array of differences has a number for each query, training point and feature"
    measure.peak_megabytes(drive_predict, points_in_many_dimensions, at_most=32.0, judge=judge_dimensions, hint=hint)
