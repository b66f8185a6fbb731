"""Hidden checks of kmeans."""

import itertools
import math

import numpy as np
import pytest

from mlkata.compare import assert_close, assert_dtype, assert_equal, assert_shape, assert_true, raises


def squared(x, c):
    return sum((a - b) ** 2 for a, b in zip(x, c, strict=True))


def slow_run(X, centers, max_iter=300):
    """Labels, centres, inertia and number of iterations, sample by sample."""
    X, centers, labels = np.asarray(X, float).tolist(), np.asarray(centers, float).tolist(), None
    for n_iter in range(1, max_iter + 1):
        before = labels
        far = [[squared(x, c) for c in centers] for x in X]
        labels = [row.index(min(row)) for row in far]
        own = [min(row) for row in far]
        for cluster in range(len(centers)):
            if cluster not in labels:
                spare = [i for i in range(len(X)) if labels.count(labels[i]) > 1]
                moved = max(spare, key=lambda i: (own[i], -i))
                labels[moved] = cluster
        members = [[x for x, label in zip(X, labels, strict=True) if label == c] for c in range(len(centers))]
        centers = [[sum(column) / len(rows) for column in zip(*rows, strict=True)] for rows in members]
        if n_iter == max_iter or labels == before:
            inertia = sum(squared(x, centers[label]) for x, label in zip(X, labels, strict=True))
            return labels, centers, inertia, n_iter
    return None


def chances(points, k):
    """Probability of each ordered draw of k different rows by k-means++."""
    found = {}
    for order in itertools.permutations(range(len(points)), k):
        p = 1 / len(points)
        for place in range(1, k):
            d = [min((x - points[i]) ** 2 for i in order[:place]) for x in points]
            p *= d[order[place]] / sum(d)
        found[order] = p
    return found


def blobs(rng, k, n_each, n_features=3, distance=6.0):
    """Noise around k places, and rows in any order."""
    places = distance * np.stack([np.arange(k), *rng.normal(size=(n_features - 1, k))], axis=1)
    return rng.permutation(np.repeat(places, n_each, axis=0) + rng.normal(size=(k * n_each, n_features)))


def drive_fit(module, n_clusters, options, X):
    """KMeans(n_clusters, **options).fit(X): labels_, cluster_centers_, inertia_, n_iter_"""
    model = module.KMeans(n_clusters, **options)
    model.fit(X)
    return model.labels_, model.cluster_centers_, model.inertia_, model.n_iter_


def drive_predict(module, n_clusters, options, X, queries):
    """KMeans(n_clusters, **options).fit(X).predict(queries)"""
    model = module.KMeans(n_clusters, **options)
    model.fit(X)
    return model.predict(queries)


def default_centres(module, X):
    """KMeans().fit(X).cluster_centers_"""
    model = module.KMeans()
    model.fit(X)
    return model.cluster_centers_


def drive_refit(module, first, second, queries):
    """model = KMeans(2).fit(first); model.fit(second), labels_, predict(queries), model.fit(second), labels_"""
    model = module.KMeans(2)
    model.fit(first)
    chained = model.fit(second) is model
    once = np.array(model.labels_), np.array(model.predict(queries))
    model.fit(second)
    return chained, *once, model.labels_


def drive_unfitted(module):
    """KMeans(2).predict(X), without fit"""
    module.KMeans(2).predict([[1.0], [2.0]])


def draw_often(module, X, n_clusters, n_draws):
    """kmeans_plusplus(X, n_clusters, seed=seed) for many seeds"""
    return [list(map(int, module.kmeans_plusplus(X, n_clusters, seed=seed))) for seed in range(n_draws)]


def best_of(module, X, n_clusters, n_init, seeds):
    """KMeans(n_clusters, n_init=n_init, seed=seed).fit(X) for some seeds: inertia_, labels_, cluster_centers_"""
    found = []
    for seed in range(seeds):
        model = module.KMeans(n_clusters, n_init=n_init, seed=seed)
        model.fit(X)
        found.append((float(model.inertia_), model.labels_, model.cluster_centers_))
    return found


def beside_the_global_state(module, X, n_clusters):
    """np.random.seed(5), then kmeans_plusplus and KMeans().fit; the next np.random.random()"""
    np.random.seed(5)
    drawn = module.kmeans_plusplus(X, n_clusters)
    module.KMeans(n_clusters).fit(X)
    return list(map(int, drawn)), float(np.random.random())


def assert_run(found, expected, *, rtol=1e-9):
    """Labels, centres, inertia and number of iterations of one run."""
    labels, centers, inertia, n_iter = found
    assert_equal(labels, np.array(expected[0]), what="labels_")
    assert_true(np.asarray(labels).dtype.kind == "i", "labels_ must be integers", f"got {np.asarray(labels).dtype}")
    assert_close(centers, expected[1], rtol=rtol, atol=1e-9, what="cluster_centers_")
    assert_dtype(centers, "float64", what="cluster_centers_")
    assert_close(float(inertia), expected[2], rtol=rtol, atol=1e-9, what="inertia_")
    assert_equal(int(n_iter), expected[3], what="n_iter_")


@pytest.mark.correctness("Seeding")
@pytest.mark.parametrize("points", [[0.0, 1.0, 3.0, 10.0], [0.0, 2.0, 5.0, 9.0]])
def test_probabilities_of_the_seeding(submission, points):
    """The first row is drawn uniformly, each further one in proportion to its squared distance to the nearest drawn."""
    n_draws = 1500
    drawn = [tuple(row) for row in submission.run(draw_often, np.array(points)[:, None], 3, n_draws)]
    for k, what in ((1, "first row"), (2, "first two rows"), (3, "three rows")):
        counts = [sum(row[:k] == order for row in drawn) for order in chances(points, k)]
        expected = list(chances(points, k).values())
        # Six standard deviations: a right answer stays within them.
        allowed = [6 * math.sqrt(p * (1 - p) / n_draws) + 6 / n_draws for p in expected]
        worst = max(range(len(counts)), key=lambda i: abs(counts[i] / n_draws - expected[i]) / allowed[i])
        assert_true(
            abs(counts[worst] / n_draws - expected[worst]) <= allowed[worst],
            f"the {what} of the seeding are not drawn with the right probabilities",
            f"points {points}, rows {list(chances(points, k))[worst]}: {counts[worst]} times in {n_draws} draws, "
            f"probability {expected[worst]:.4f}",
        )


@pytest.mark.correctness("Seeding")
def test_one_seed_in_each_far_blob(submission, rng):
    """Of tight clusters far from each other one row each is drawn, and all rows are different."""
    codes = rng.permutation(np.repeat(np.arange(6), 9))
    X = 1e6 * rng.permutation(6)[codes][:, None] * [1.0, -1.0] + 1e-3 * rng.normal(size=(54, 2))
    for seed in range(8):
        drawn = submission.kmeans_plusplus(X, 6, seed=seed)
        assert_shape(drawn, (6,), what="the array of rows")
        assert_true(np.asarray(drawn).dtype.kind == "i", "the rows must be integers", f"got {np.asarray(drawn).dtype}")
        assert_equal(sorted(codes[drawn].tolist()), list(range(6)), what="the list of clusters that were drawn from")


@pytest.mark.correctness("Iteration", "Attributes", "Start", "Distance")
@pytest.mark.parametrize("max_iter", [1, 2, 3, 300])
def test_iterations_from_given_centres(submission, rng, max_iter):
    """From given centres each iteration assigns and moves, and all attributes belong to the last one."""
    X = blobs(rng, 3, 12, distance=2.0)
    init = X[:4] + 0.3
    found = submission.run(drive_fit, 4, {"init": init, "max_iter": max_iter, "n_init": 3}, X)
    labels, centers, inertia, n_iter = slow_run(X, init, max_iter)
    assert_run(found, (labels, centers, inertia, n_iter))
    unit = 2.0**-7
    found = submission.run(drive_fit, 4, {"init": init * unit, "max_iter": max_iter}, X * unit)
    assert_run((found[0], found[1] / unit, found[2] / unit**2, found[3]), (labels, centers, inertia, n_iter))


@pytest.mark.correctness("Iteration", "Attributes")
def test_stops_when_labels_repeat(submission):
    """The last iteration is the first that changes no label, by hand for six points on a line."""
    X = np.array([[0.0], [1.0], [2.0], [3.0], [10.0], [11.0]])
    found = submission.run(drive_fit, 2, {"init": [[0.0], [1.0]]}, X)
    # 0 | 1 2 3 10 11, then 0 1 2 | 3 10 11 (5.4), 0 1 2 3 | 10 11 (1, 8), and that stays.
    assert_run(found, ([0, 0, 0, 0, 1, 1], [[1.5], [10.5]], 5.5, 4))


@pytest.mark.correctness("Runs", "Attributes")
def test_best_of_several_runs(submission):
    """With 40 runs the lowest inertia is found that there is; a single run often ends higher."""
    X = np.array([0.0, 1, 9, 10, 19, 20, 31, 32, 44, 45])[:, None]
    cuts = itertools.combinations(range(1, 10), 2)
    best = min(sum(((part - part.mean()) ** 2).sum() for part in np.split(X[:, 0], cut)) for cut in cuts)
    for inertia, labels, centers in submission.run(best_of, X, 3, 40, 8):
        assert_close(inertia, best, what="the lowest inertia of 40 runs")
        own = sum(squared(x, centers[label]) for x, label in zip(X, labels, strict=True))
        assert_close(own, best, what="the inertia of labels_ and cluster_centers_")


@pytest.mark.correctness("Predict", "Estimator")
def test_predictions(submission, rng):
    """Samples go to the nearest centre, and a second fit forgets the first."""
    X = blobs(rng, 3, 10)
    init, anywhere = X[:3], rng.normal(scale=9, size=(1000, 3))
    _, centers, _, _ = slow_run(X, init)
    by_start, by_end = (
        np.array([min(range(3), key=lambda c: squared(x, places[c])) for x in anywhere.tolist()])
        for places in (init.tolist(), centers)
    )
    chosen = np.sort(np.append(np.arange(20), np.flatnonzero(by_start != by_end)[-20:]))
    found = submission.run(drive_predict, 3, {"init": init}, X, anywhere[chosen])
    assert_equal(found, by_end[chosen], what="the array of predicted clusters")
    kind = np.asarray(found).dtype.kind
    assert_true(kind == "i", "predict must return integers", f"got dtype kind {kind!r}")
    assert_equal(len(submission.run(default_centres, X)), 8, what="the number of clusters without n_clusters")
    second = np.array([[0.0], [1.0], [100.0], [101.0], [102.0]])
    chained, labels, predicted, again = submission.run(drive_refit, X, second, np.array([[-7.0], [90.0], [3.0]]))
    assert_true(chained, "fit must return the estimator itself")
    a, b = int(labels[0]), int(labels[2])
    assert_equal(sorted([a, b]), [0, 1], what="the pair of clusters after the second fit")
    assert_equal(labels, np.array([a, a, b, b, b]), what="labels_ after the second fit")
    assert_equal(predicted, np.array([a, b, a]), what="the array of predicted clusters after the second fit")
    assert_equal(again, labels, what="labels_ after fitting the same data once more")


@pytest.mark.edge_case("Empty clusters")
def test_empty_clusters(submission, rng):
    """An empty cluster takes the farthest sample of a cluster that can spare one."""
    X = np.array([[0.0], [1.0], [8.0], [9.0]])
    found = submission.run(drive_fit, 2, {"init": [[1.0], [100.0]], "max_iter": 1}, X)
    assert_run(found, ([0, 0, 0, 1], [[3.0], [9.0]], 38.0, 1))
    # 20 is farthest, but alone in its cluster; then 7, and then 0 and 2 are equally far from 1.
    X = np.array([[2.0], [0.0], [1.0], [7.0], [20.0]])
    init = [[500.0], [1.0], [400.0], [30.0]]
    found = submission.run(drive_fit, 4, {"init": init, "max_iter": 1}, X)
    assert_run(found, ([2, 1, 1, 0, 3], [[7.0], [0.5], [2.0], [20.0]], 0.5, 1))
    for _ in range(4):
        X = blobs(rng, 3, 8, n_features=2, distance=3.0)
        init = np.concatenate([X[:2], 50 + rng.normal(size=(4, 2))])[rng.permutation(6)]
        for max_iter in (1, 2, 300):
            found = submission.run(drive_fit, 6, {"init": init, "max_iter": max_iter}, X)
            assert_run(found, slow_run(X, init, max_iter))


@pytest.mark.edge_case("Ties")
def test_ties_between_centres(submission):
    """A sample between two centres belongs to the one with the lower number."""
    X = np.array([[0.0], [2.0], [4.0]])
    for init, labels in (([[0.0], [4.0]], [0, 0, 1]), ([[4.0], [0.0]], [1, 0, 0])):
        found = submission.run(drive_fit, 2, {"init": init, "max_iter": 1}, X)
        assert_run(found, slow_run(X, init, 1))
        assert_equal(found[0], np.array(labels), what="labels_")
    found = submission.run(
        drive_predict, 2, {"init": [[6.0], [0.0]]}, np.array([[0.0], [6.0]]), np.array([[3.0], [2.9]])
    )
    assert_equal(found, np.array([0, 1]), what="the array of predicted clusters")


@pytest.mark.edge_case("Seeding", "Empty clusters", "Ties", "Accuracy")
def test_duplicates(submission):
    """Fewer distinct points than clusters: all rows drawn are different, and every cluster gets a sample."""
    X = np.array([[1.0, 2.0]] * 3 + [[4.0, 6.0]] * 2)
    for seed in range(20):
        # Far from the origin the same holds for points that are a third apart.
        points = X if seed < 10 else X / 16 + 1e8
        drawn = [int(row) for row in submission.kmeans_plusplus(points, 4, seed=seed)]
        assert_equal(len({*drawn} & {*range(5)}), 4, what="the number of different rows")
        assert_true((drawn[0] < 3) != (drawn[1] < 3), "the second row must differ from the first as a point")
    labels, centers, inertia, _ = submission.run(drive_fit, 4, {}, X)
    assert_equal(sorted({*np.asarray(labels).tolist()}), [0, 1, 2, 3], what="the list of labels")
    assert_close(centers, X[[list(labels).index(c) for c in range(4)]], what="cluster_centers_")
    assert_close(float(inertia), 0.0, what="inertia_")
    found = submission.run(drive_fit, 3, {"init": [[1.0, 2.0]] * 3}, X)
    assert_run(found, slow_run(X, [[1.0, 2.0]] * 3))


@pytest.mark.edge_case("Start", "Runs", "Attributes")
@pytest.mark.parametrize("n", [1, 2, 7])
def test_one_cluster_and_one_for_each(submission, rng, n):
    """One cluster has the mean of all, and with as many clusters as samples the inertia is 0."""
    X = rng.normal(size=(n, 2))
    found = submission.run(drive_fit, 1, {}, X)
    assert_run(found, ([0] * n, [X.mean(axis=0)], ((X - X.mean(axis=0)) ** 2).sum(), 2), rtol=1e-7)
    labels, centers, inertia, _ = submission.run(drive_fit, n, {}, X)
    assert_equal(sorted(np.asarray(labels).tolist()), list(range(n)), what="the list of labels, sorted,")
    assert_close(centers[labels], X, what="the array of each sample's centre")
    assert_close(float(inertia), 0.0, what="inertia_")
    if n == 7:
        drawn = submission.kmeans_plusplus(X, n)
        assert_equal(sorted(map(int, drawn)), list(range(n)), what="the list of rows, sorted,")


@pytest.mark.edge_case("Accuracy")
def test_large_offset(submission, rng):
    """Data and centres 1e8 away from the origin are clustered as they would be nearby."""
    X = np.round(blobs(rng, 3, 9, distance=3.0) * 8) / 8
    init = X[:3] + 0.0625
    away = np.array([1e8, -1e8, 1e8])
    labels, centers, inertia, n_iter = submission.run(drive_fit, 3, {"init": init + away}, X + away)
    hint = "work with differences, or move the data to the origin first"
    expected = slow_run(X, init)
    assert_equal(labels, np.array(expected[0]), what="labels_", hint=hint)
    assert_close(centers - away, expected[1], atol=1e-5, what="cluster_centers_ without the offset", hint=hint)
    assert_close(float(inertia), expected[2], what="inertia_", hint=hint)
    assert_equal(int(n_iter), expected[3], what="n_iter_", hint=hint)
    # A little nearer to one of two centres than to the other.
    sides = [0.52 * np.array(a) + 0.48 * np.array(b) for a, b in itertools.permutations(expected[1], 2)]
    queries = np.concatenate([X, np.round(np.array(sides) * 1024) / 1024])
    found = submission.run(drive_predict, 3, {"init": init + away}, X + away, queries + away)
    nearest = [min(range(3), key=lambda c: squared(x, expected[1][c])) for x in queries.tolist()]
    assert_equal(found, np.array(nearest), what="the array of predicted clusters", hint=hint)


@pytest.mark.edge_case("Input", "Predict")
@pytest.mark.parametrize("kind", ["uint8", "int64", "float32", "turned", "lists"])
def test_kinds_of_input(submission, rng, kind):
    """Integers, float32, non-contiguous arrays and nested lists serve as well; no sample gives no cluster."""
    X, init = rng.integers(256, size=(24, 3)), rng.integers(256, size=(3, 3))
    change = {"turned": lambda array: np.repeat(array, 2, axis=0)[::2], "lists": np.ndarray.tolist}
    change = change.get(kind, lambda array: array.astype(kind))
    found = submission.run(drive_fit, 3, {"init": change(init)}, change(X))
    assert_run(found, slow_run(X, init))
    drawn = submission.kmeans_plusplus(change(X), 5)
    assert_equal(len(set(map(int, drawn))), 5, what="the number of different rows")
    found = submission.run(drive_predict, 3, {"init": change(init)}, change(X), np.empty((0, 3)))
    assert_shape(found, (0,), what="the array of predicted clusters of no sample")


@pytest.mark.edge_case("Seed")
def test_seeds(submission, rng):
    """The same seed gives the same result, different seeds different draws, and the global state is left alone."""
    X = rng.normal(size=(60, 2))
    draws = [[int(row) for row in submission.kmeans_plusplus(X, 4, seed=seed)] for seed in (0, 0, 4, 5, 6)]
    assert_equal(draws[1], draws[0], what="the list of rows with the same seed")
    assert_true(len({tuple(row) for row in draws}) > 2, "different seeds must give different draws")
    options = [{"seed": seed, "max_iter": 1, "n_init": 1} for seed in (0, 0, 8, 9, 10, 11)]
    runs = [submission.run(drive_fit, 4, given, X) for given in options]
    assert_equal(runs[1][0], runs[0][0], what="labels_ with the same seed")
    assert_close(runs[1][1], runs[0][1], what="cluster_centers_ with the same seed")
    assert_true(len({round(float(run[2]), 6) for run in runs}) > 2, "different seeds must give different runs")
    _, following = submission.run(beside_the_global_state, X, 3)
    hint = "draw from a generator of your own"
    expected = float(np.random.RandomState(5).random_sample())
    assert_equal(following, expected, what="the next number from numpy's global random state", hint=hint)


@pytest.mark.edge_case("Errors")
def test_errors(submission, rng):
    """Options that make no sense, NaN and shapes that do not fit raise ValueError; no fit raises RuntimeError."""
    X = rng.normal(size=(6, 2))
    for k in (0, -1, 7):
        with raises(ValueError, when=f"n_clusters is {k} and there are 6 samples"):
            submission.run(drive_fit, k, {}, X)
        with raises(ValueError, when=f"n_clusters of kmeans_plusplus is {k} and there are 6 samples"):
            submission.kmeans_plusplus(X, k)
    refused = [({name: value}, f"{name} is {value}") for name in ("n_init", "max_iter") for value in (0, -2)]
    refused += [({"n_init": 0, "init": X[:2]}, "n_init is 0 and init an array"), ({"init": "far"}, "init is 'far'")]
    refused += [({"init": X[:3]}, "init has 3 rows for 2 clusters"), ({"init": X[:2, :1]}, "init has 1 column of 2")]
    refused += [({"init": X[:2].ravel()}, "init has one dimension"), ({"init": X[:2].T[None]}, "init has three")]
    refused += [({"init": [[0.0, bad], [1.0, 1.0]]}, f"init contains {bad}") for bad in (math.nan, math.inf)]
    for options, when in refused:
        with raises(ValueError, when=when):
            submission.run(drive_fit, 2, options, X)
    for bad in (math.nan, math.inf, -math.inf):
        broken = X.copy()
        broken[3, 1] = bad
        with raises(ValueError, when=f"X contains {bad}, in fit"):
            submission.run(drive_fit, 2, {}, broken)
        with raises(ValueError, when=f"X contains {bad}, in predict"):
            submission.run(drive_predict, 2, {}, X, broken)
        with raises(ValueError, when=f"X contains {bad}, in kmeans_plusplus"):
            submission.kmeans_plusplus(broken, 2)
    for other in (X[:, :1], np.ones((4, 3)), np.ones(2), np.ones((4, 2, 1)), np.empty((0, 3))):
        with raises(ValueError, when=f"fit saw 2 features and X has shape {other.shape}, in predict"):
            submission.run(drive_predict, 2, {}, X, other)
    for other in (X[0], X[:, :, None]):
        with raises(ValueError, when=f"X has shape {other.shape}, in fit"):
            submission.run(drive_fit, 2, {}, other)
        with raises(ValueError, when=f"X has shape {other.shape}, in kmeans_plusplus"):
            submission.kmeans_plusplus(other, 1)
    with raises(RuntimeError, when="predict is called before fit"):
        submission.run(drive_unfitted)


@pytest.mark.edge_case("Arguments")
def test_arguments_stay_as_they_were(submission, rng):
    """Samples and given centres are not written to."""
    X = blobs(rng, 3, 6)
    init = X[:3] + 0.5
    seen = submission.probe(drive_fit).observe(3, {"init": init}, X)
    assert_run(seen.value, slow_run(X, init))
    seen.assert_unchanged()
    seen = submission.kmeans_plusplus.observe(X, 3)
    assert_equal(len(set(map(int, seen.value))), 3, what="the number of different rows")
    seen.assert_unchanged()
    seen = submission.probe(drive_predict).observe(3, {"init": init}, X, X.copy())
    assert_shape(seen.value, (18,), what="the array of predicted clusters")
    seen.assert_unchanged()


def samples(rng, n_samples, n_features, k, max_iter):
    X = rng.normal(size=(n_samples, n_features))
    return k, {"init": X[:k].copy(), "max_iter": max_iter}, X


def judge(found, k, options, X):
    centers = options["init"]
    for _ in range(options["max_iter"]):
        labels = ((centers**2).sum(axis=1) - 2 * X @ centers.T).argmin(axis=1)
        sums = np.stack([np.bincount(labels, weights=column, minlength=k) for column in X.T], axis=1)
        centers = sums / np.bincount(labels, minlength=k)[:, None]
    assert_equal(found[0], labels, what="labels_")
    assert_close(found[1], centers, what="cluster_centers_")
    assert_close(float(found[2]), ((X - centers[labels]) ** 2).sum(), what="inertia_")
    assert_equal(int(found[3]), options["max_iter"], what="n_iter_")


def wide(rng):
    return samples(rng, 20_000, 32, 64, 1)


@pytest.mark.performance("Memory")
def test_memory(submission, measure):
    """20,000 samples with 32 features and 64 centres need no array of all differences."""
    hint = "work out the distances to one centre at a time, or multiply matrices"
    measure.peak_megabytes(drive_fit, wide, at_most=120.0, judge=judge, hint=hint)


def narrow(rng):
    return samples(rng, 5000, 5, 10, 5)


@pytest.mark.performance("Speed")
def test_cpu_time(submission, measure):
    """Five iterations with 5,000 samples take no loop over samples."""
    measure.cpu_ratio(drive_fit, narrow, at_most=20.0, judge=judge, hint="work with all samples at once")
