"""Hidden checks of decision_tree."""

import itertools
import math

import numpy as np
import pytest

from mlkata.compare import assert_close, assert_dtype, assert_equal, assert_shape, assert_true, raises

TIE = 1e-9


def impurity(labels, criterion):
    shares = [labels.count(label) / len(labels) for label in set(labels)]
    if criterion == "gini":
        return 1 - sum(p * p for p in shares)
    return -sum(p * math.log2(p) for p in shares)


def slow_split(X, y, criterion="gini", min_samples_leaf=1):
    """The best split, with every threshold tried and every label counted anew."""
    best, labels = None, list(y)
    if len(set(labels)) == 1:
        return None
    for feature in range(len(X[0])):
        values = sorted({row[feature] for row in X})
        for a, b in itertools.pairwise(values):
            left = [label for row, label in zip(X, labels, strict=True) if row[feature] <= a]
            right = [label for row, label in zip(X, labels, strict=True) if row[feature] > a]
            if min(len(left), len(right)) < min_samples_leaf:
                continue
            within = len(left) * impurity(left, criterion) + len(right) * impurity(right, criterion)
            gain = impurity(labels, criterion) - within / len(labels)
            if best is None or gain > best[2] + TIE:
                best = feature, (a + b) / 2, gain
    return best


def slow_tree(X, y, criterion="gini", max_depth=None, min_samples_leaf=1, depth=0):
    """A nested tree: the leaf's labels and depth, or feature, threshold and two trees."""
    split = None if depth == max_depth else slow_split(X, y, criterion, min_samples_leaf)
    if split is None:
        return list(y), depth
    sides = ([], []), ([], [])
    for row, label in zip(X, y, strict=True):
        side = sides[row[split[0]] > split[1]]
        side[0].append(row)
        side[1].append(label)
    return *split[:2], *(slow_tree(*side, criterion, max_depth, min_samples_leaf, depth + 1) for side in sides)


def leaves(tree):
    return [tree] if len(tree) == 2 else leaves(tree[2]) + leaves(tree[3])


def shares(tree, query, classes):
    while len(tree) == 4:
        tree = tree[2] if query[tree[0]] <= tree[1] else tree[3]
    return [tree[0].count(label) / len(tree[0]) for label in classes]


def draw(rng, n_samples, n_features, n_classes=3):
    """Labels that depend on the features, with noise."""
    X = rng.normal(size=(n_samples, n_features))
    y = np.digitize(X[:, -1] + 0.7 * X[:, 0] + 0.6 * rng.normal(size=n_samples), [-0.6, 0.5, 1.2][: n_classes - 1])
    y[:n_classes] = range(n_classes)
    return X, y


def drive(module, options, X, y, queries):
    """DecisionTree(**options).fit(X, y): classes_, predict_proba, predict, get_depth, get_n_leaves"""
    tree = module.DecisionTree(**options)
    tree.fit(X, y)
    return tree.classes_, tree.predict_proba(queries), tree.predict(queries), tree.get_depth(), tree.get_n_leaves()


def drive_predict(module, options, X, y, queries):
    """DecisionTree(**options).fit(X, y).predict(queries)"""
    tree = module.DecisionTree(**options)
    tree.fit(X, y)
    return tree.predict(queries)


def drive_proba(module, options, X, y, queries):
    """DecisionTree(**options).fit(X, y).predict_proba(queries)"""
    tree = module.DecisionTree(**options)
    tree.fit(X, y)
    return tree.predict_proba(queries)


def drive_refit(module, first, second, queries):
    """tree = DecisionTree().fit(*first); tree.fit(*second), classes_, predict_proba, predict, depth and leaves"""
    tree = module.DecisionTree()
    tree.fit(*first)
    chained = tree.fit(*second) is tree
    found = tree.predict_proba(queries), tree.predict(queries), tree.get_depth(), tree.get_n_leaves()
    return chained, tree.classes_, *found


def drive_unfitted(module, method, arguments):
    """a method of DecisionTree(), without fit"""
    getattr(module.DecisionTree(), method)(*arguments)


def assert_split(found, expected, what="the best split"):
    if expected is None:
        assert_true(found is None, f"{what} must be None", f"got {found!r}")
        return
    assert_true(found is not None, f"{what} is None, though a split is possible")
    feature, threshold, gain = found
    assert_equal(int(feature), expected[0], what=f"the feature of {what}")
    assert_close(float(threshold), expected[1], rtol=1e-12, atol=1e-12, what=f"the threshold of {what}")
    assert_close(float(gain), expected[2], rtol=1e-8, atol=1e-9, what=f"the gain of {what}")


def assert_tree(submission, options, X, y, queries, kind=None):
    """Probabilities, labels, depth and number of leaves are those of the slow tree."""
    tree = slow_tree(np.asarray(X, float).tolist(), np.asarray(y).tolist(), **options)
    names = sorted(set(np.asarray(y).tolist()))
    expected = np.array([shares(tree, query, names) for query in np.asarray(queries, float).tolist()])
    given = queries if kind is None else kind(queries)
    classes, proba, labels, depth, n_leaves = submission.run(drive, options, X if kind is None else kind(X), y, given)
    assert_equal(list(np.asarray(classes).tolist()), names, what="classes_")
    assert_close(proba, expected, rtol=1e-9, what="the array of probabilities")
    assert_dtype(proba, "float64", what="the array of probabilities")
    wanted = np.array(names)[expected.argmax(axis=1)]
    assert_equal(labels, wanted, what="the array of predicted labels")
    same_kind = np.asarray(labels).dtype.kind == wanted.dtype.kind
    assert_true(
        same_kind, "the predicted labels must be of the kind that y has", f"got dtype {np.asarray(labels).dtype}"
    )
    assert_equal(int(depth), max(depth for _, depth in leaves(tree)), what="the depth")
    assert_equal(int(n_leaves), len(leaves(tree)), what="the number of leaves")


@pytest.mark.correctness("Split", "Impurity", "Result", "Threshold")
@pytest.mark.parametrize("criterion", ["gini", "entropy"])
def test_split_by_hand(submission, criterion):
    """The best split of seven samples is the one that was worked out by hand, with its gain."""
    # By value the labels are a a a | b c b c, with one sample moved a a | b b c b c.
    X = [[9.0], [1.0], [6.0], [2.0], [3.0], [7.0], [2.5]]
    node = {"gini": 1 - 17 / 49, "entropy": (3 * math.log2(7 / 3) + 4 * math.log2(7 / 2)) / 7}[criterion]
    rest = {"gini": 4 / 7 * 0.5, "entropy": 4 / 7}[criterion]
    found = submission.best_split(X, ["c", "a", "c", "a", "b", "b", "a"], criterion=criterion)
    assert_split(found, (0, 2.75, node - rest))
    rest = {"gini": 5 / 7 * (1 - 13 / 25), "entropy": (3 * math.log2(5 / 3) + 2 * math.log2(5 / 2)) / 7}[criterion]
    found = submission.best_split(X, ["c", "a", "c", "a", "b", "b", "b"], criterion=criterion)
    assert_split(found, (0, 2.25, node - rest))


@pytest.mark.correctness("Split", "Impurity", "Result", "Threshold")
@pytest.mark.parametrize("criterion", ["gini", "entropy"])
def test_split_of_random_samples(submission, rng, criterion):
    """Feature, threshold and gain are those of a search that counts all labels for every threshold."""
    for n_samples, n_features, n_classes in ((25, 3, 3), (31, 2, 2), (24, 4, 4)):
        X, y = draw(rng, n_samples, n_features, n_classes)
        expected = slow_split(X.tolist(), y.tolist(), criterion)
        assert_split(submission.best_split(X, y, criterion=criterion), expected)


@pytest.mark.correctness("Growth", "Probabilities", "Impurity")
@pytest.mark.parametrize("criterion", ["gini", "entropy"])
def test_whole_tree(submission, rng, criterion):
    """A tree without limits gives the shares, labels, depth and leaves of a tree that is grown slowly."""
    X, y = draw(rng, 40, 3)
    queries = np.concatenate([rng.normal(size=(30, 3)), X[:9]])
    assert_tree(submission, {"criterion": criterion}, X, y, queries)


@pytest.mark.correctness("Growth", "Probabilities")
@pytest.mark.parametrize("max_depth", [0, 1, 2, 30])
def test_max_depth(submission, rng, max_depth):
    """No leaf lies deeper than max_depth, and a leaf holds the shares of its training samples."""
    X, y = draw(rng, 50, 2)
    assert_tree(submission, {"max_depth": max_depth}, X, y, rng.normal(size=(20, 2)))


@pytest.mark.correctness("Leaf size")
@pytest.mark.parametrize("min_samples_leaf", [2, 5, 11])
def test_min_samples_leaf(submission, rng, min_samples_leaf):
    """The best split among those that leave enough samples on both sides is taken, in best_split and in the tree."""
    # Without the rule the first sample would be cut off, since it is the only one of its class on its side.
    X = np.arange(24.0)[:, None]
    y = np.array([1] + [0] * 13 + [1, 0] * 5)
    expected = slow_split(X.tolist(), y.tolist(), "gini", min_samples_leaf)
    assert_split(submission.best_split(X, y, min_samples_leaf=min_samples_leaf), expected)
    X, y = draw(rng, 45, 3)
    for criterion in ("gini", "entropy"):
        expected = slow_split(X.tolist(), y.tolist(), criterion, min_samples_leaf)
        found = submission.best_split(X, y, criterion=criterion, min_samples_leaf=min_samples_leaf)
        assert_split(found, expected)
    assert_tree(submission, {"min_samples_leaf": min_samples_leaf}, X, y, rng.normal(size=(20, 3)))


@pytest.mark.correctness("Labels")
@pytest.mark.parametrize("labels", [("pear", "fig", "apple"), (-1, 30, 7), (True, False), (2.5, -0.1)])
def test_labels_of_any_kind(submission, rng, labels):
    """Labels may be text, numbers in any range, or booleans, and come back as what they were."""
    X, codes = draw(rng, 30, 2, len(labels))
    y = np.array(labels)[codes]
    assert_tree(submission, {"max_depth": 3}, X, y, rng.normal(size=(15, 2)))
    found = submission.best_split(X, y)
    assert_split(found, slow_split(X.tolist(), codes.tolist()))


@pytest.mark.correctness("Estimator")
def test_second_fit(submission, rng):
    """fit returns the estimator, and a second fit forgets the first: its nodes, classes and number of features."""
    X, y = draw(rng, 10, 2, 2)
    first, names = draw(rng, 40, 3, 4), np.array(["b", "c"])
    tree = slow_tree(X.tolist(), names[y].tolist())
    chained, classes, proba, predicted, depth, n_leaves = submission.run(drive_refit, first, (X, names[y]), X)
    assert_true(chained, "fit must return the estimator itself")
    assert_equal(classes, names, what="classes_ after the second fit")
    expected = [shares(tree, row, ["b", "c"]) for row in X.tolist()]
    assert_close(proba, expected, what="the array of probabilities after the second fit")
    assert_equal(predicted, names[y], what="the array of labels after the second fit")
    assert_equal(int(depth), max(depth for _, depth in leaves(tree)), what="the depth after the second fit")
    assert_equal(int(n_leaves), len(leaves(tree)), what="the number of leaves after the second fit")


@pytest.mark.edge_case("Ties")
def test_ties_between_splits(submission, rng):
    """Of splits with the same gain the lower feature is taken, and of one feature the lower threshold."""
    x, y = np.arange(6.0), np.array([0, 1, 1, 1, 1, 0])
    X = np.stack([(5 - x) ** 2, x, x], axis=1)
    for criterion, gain in (("gini", 5 / 18 + 1 / 6 - 4 / 15), ("entropy", None)):
        found = submission.best_split(X, y, criterion=criterion)
        assert_split(found, slow_split(X.tolist(), y.tolist(), criterion))
        assert_equal((int(found[0]), float(found[1])), (0, 0.5), what="the pair of feature and threshold")
        if gain is not None:
            assert_close(float(found[2]), gain, what="the gain")
    X, y = rng.integers(3, size=(36, 3)), rng.integers(3, size=36)
    assert_tree(submission, {}, X, y, rng.integers(3, size=(20, 3)))
    # Each feature puts n_left samples on the left, n_ones of them of class 1; the second one's gain is higher by 5e-8.
    y = np.repeat([1, 0], [61, 89])
    for criterion, sides in (("gini", [(51, 12), (37, 23)]), ("entropy", [(53, 45), (51, 0)])):
        X = np.ones((150, 2))
        for column, (n_left, n_ones) in zip(X.T, sides, strict=True):
            column[:n_ones] = column[61 : 61 + n_left - n_ones] = 0.0
        found = submission.best_split(X, y, criterion=criterion)
        expected = slow_split(X.tolist(), y.tolist(), criterion)
        assert_split(found, expected, "the best split of two whose gains differ by 5e-8")


@pytest.mark.edge_case("Ties")
@pytest.mark.parametrize("criterion", ["gini", "entropy"])
def test_rounding_decides_nothing(submission, rng, criterion):
    """Gains that are the same but for rounding count as equal."""
    for _ in range(25):
        # Read from the end it is the same with the classes in another order: each cut has a twin of the same gain.
        half = rng.integers(3, size=9)
        X, y = np.arange(18.0)[:, None], np.concatenate([half, 2 - half[::-1]])
        expected = slow_split(X.tolist(), y.tolist(), criterion)
        assert_split(submission.best_split(X, y, criterion=criterion), expected)
    y = np.repeat([0, 1, 2], 7)
    for counts in list(itertools.combinations(range(8), 3))[::2]:
        # Each feature has the same counts on its left, with the classes in another order.
        orders = [counts, (counts[2], counts[0], counts[1]), (counts[1], counts[2], counts[0])]
        X = np.stack([np.tile(np.arange(7), 3) >= np.repeat(order, 7) for order in orders], axis=1).astype(float)
        feature, threshold, _ = submission.best_split(X, y, criterion=criterion)
        assert_equal(
            (int(feature), float(threshold)),
            (0, 0.5),
            what="the pair of feature and threshold",
            hint="compare with a tolerance",
        )


@pytest.mark.edge_case("Split", "Probabilities")
def test_equal_values(submission, rng):
    """Samples with the same value cannot be separated, whatever their labels and order."""
    for labels in ([0, 1, 0, 1], [1, 1, 0, 0], [0, 0, 1, 1]):
        found = submission.best_split([[2.0], [2.0], [2.0], [2.0], [5.0], [1.0]], [*labels, 1, 0])
        assert_split(found, slow_split([[2.0]] * 4 + [[5.0], [1.0]], [*labels, 1, 0]))
        assert_tree(
            submission, {}, np.array([[2.0], [2.0], [2.0], [2.0], [5.0]]), [*labels, 1], np.array([[1.0], [9.0]])
        )
    X = rng.integers(4, size=(60, 2)).astype(float)
    assert_tree(submission, {}, X, rng.permutation(np.repeat(["x", "u", "w"], 20)), X)
    y = ["z", "k", "z", "k"]
    _, proba, predicted, _, _ = submission.run(drive, {}, [[1.0]] * 4, y, [[0.0]])
    assert_close(proba, [[0.5, 0.5]], what="the probabilities of a leaf with two of each class")
    assert_equal(str(predicted[0]), "k", what="the label of a leaf with two of each class")


@pytest.mark.edge_case("No gain")
def test_split_without_gain(submission):
    """Where no split gains anything, as in exclusive or, there is a split all the same, and the next ones separate."""
    X, y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0, 1, 1, 0])
    for criterion in ("gini", "entropy"):
        assert_split(submission.best_split(X, y, criterion=criterion), (0, 0.5, 0.0))
        _, _, predicted, depth, n_leaves = submission.run(drive, {"criterion": criterion}, X, y, X)
        assert_equal(predicted, y, what="the array of predicted labels")
        assert_equal((int(depth), int(n_leaves)), (2, 4), what="the pair of depth and number of leaves")


@pytest.mark.edge_case("Result", "Growth", "Leaf size")
def test_nothing_to_split(submission):
    """Without a possible split best_split returns None and the tree is a single leaf."""
    cases = [
        ([[1.0], [2.0], [3.0]], [4, 4, 4], {}, "where all labels are the same"),
        ([[1.0, 7.0], [1.0, 7.0], [1.0, 7.0]], [0, 1, 1], {}, "where all features are constant"),
        ([[3.0, 1.0]], [5], {}, "of one sample"),
        ([[1.0], [2.0], [3.0]], [0, 0, 1], {"min_samples_leaf": 2}, "of three samples with min_samples_leaf=2"),
        ([[1.0], [2.0], [3.0]], [0, 1, 1], {"min_samples_leaf": 9}, "of three samples with min_samples_leaf=9"),
        ([[1.0], [2.0], [2.0], [2.0]], [0, 1, 1, 0], {"min_samples_leaf": 2}, "where equal values leave one sample"),
    ]
    for X, y, options, where in cases:
        assert_split(submission.best_split(X, y, **options), None, f"the best split {where}")
        names = sorted(set(y))
        _, proba, predicted, depth, n_leaves = submission.run(drive, options, X, y, X[:1])
        expected = [y.count(name) / len(y) for name in names]
        assert_close(proba, [expected], what=f"the array of probabilities {where}")
        assert_equal(np.asarray(predicted).tolist(), [names[int(np.argmax(expected))]], what=f"the prediction {where}")
        assert_equal((int(depth), int(n_leaves)), (0, 1), what=f"the pair of depth and number of leaves {where}")
    assert_split(submission.best_split([[1.0], [2.0]], [0, 1]), (0, 1.5, 0.5), "the best split of two samples")


@pytest.mark.edge_case("Threshold", "Split")
def test_threshold_separates(submission):
    """Thresholds are finite, and separate neighbouring floats; a sample on the threshold goes to the left."""
    low = np.nextafter(1.0, 2.0)
    high = np.nextafter(low, 2.0)
    assert_equal(float(submission.best_split([[low], [high]], [0, 1])[1]), low, what="the threshold of two neighbours")
    for a, b, middle in ((1e308, 1.6e308, 1.3e308), (-1.7e308, 1.5e308, -1e307)):
        found = submission.best_split([[a], [b]], [0, 1])
        assert_split(found, (0, middle, 0.5), "the best split of huge numbers")
    for dtype in (np.float16, np.float32):
        pair = np.array([[1.0], [1.0 + np.finfo(dtype).eps]], dtype)
        expected = (0, 1.0 + float(np.finfo(dtype).eps) / 2, 0.5)
        assert_split(submission.best_split(pair, [0, 1]), expected, f"the best split of two {pair.dtype} neighbours")
    _, _, predicted, _, _ = submission.run(drive, {}, [[low], [high]], [7, 8], [[low], [high]])
    assert_equal(predicted, [7, 8], what="the array of labels of two neighbours")
    _, _, predicted, _, _ = submission.run(drive, {}, [[1.0], [3.0]], [7, 8], [[2.0], [np.nextafter(2.0, 3.0)]])
    assert_equal(predicted, [7, 8], what="the array of labels on the threshold and above it")


@pytest.mark.edge_case("Deep trees")
def test_deep_tree(submission):
    """Alternating labels make a tree of 1,029 levels, which Python's recursion limit does not stop."""
    n = 1030
    X, y = np.arange(float(n))[:, None], np.arange(n) % 2
    _, _, predicted, depth, n_leaves = submission.run(drive, {}, X, y, X[::7])
    assert_equal(predicted, y[::7], what="the array of predicted labels")
    assert_equal((int(depth), int(n_leaves)), (n - 1, n), what="the pair of depth and number of leaves")


@pytest.mark.edge_case("Input", "Probabilities")
@pytest.mark.parametrize("kind", ["uint8", "int64", "float32", "turned", "lists"])
def test_kinds_of_input(submission, rng, kind):
    """Integers, float32, non-contiguous arrays and nested lists serve as well; no sample gives no row."""
    X, y, queries = rng.integers(200, 256, size=(30, 3)), rng.integers(3, size=30), rng.integers(200, 256, size=(9, 3))
    y[:3] = range(3)
    change = {"turned": np.asfortranarray, "lists": np.ndarray.tolist}.get(kind, lambda array: array.astype(kind))
    assert_tree(submission, {}, X, y.tolist() if kind == "lists" else y, queries, kind=change)
    assert_split(submission.best_split(change(X), y), slow_split(X.tolist(), y.tolist()))
    _, proba, predicted, _, _ = submission.run(drive, {}, change(X), y, np.empty((0, 3)))
    assert_shape(proba, (0, 3), what="the array of probabilities of no samples")
    assert_shape(predicted, (0,), what="the array of labels of no samples")


@pytest.mark.edge_case("Errors")
def test_bad_options(submission, rng):
    """Options that make no sense raise ValueError, in fit at the latest."""
    X, y = draw(rng, 12, 2)
    for options in ({"criterion": "variance"}, {"min_samples_leaf": 0}, {"min_samples_leaf": -1}, {"max_depth": -1}):
        (name, value), *_ = options.items()
        for others in ({}, {"max_depth": 0}):
            with raises(ValueError, when=f"{name} is {value!r}"):
                submission.run(drive_predict, {**others, **options}, X, y, X)
        if name != "max_depth":
            with raises(ValueError, when=f"{name} of best_split is {value!r}"):
                submission.best_split(X, y, **options)


@pytest.mark.edge_case("Errors")
def test_bad_arrays(submission, rng):
    """NaN, infinity and arrays that do not fit raise ValueError, and a question before fit raises RuntimeError."""
    X, y = draw(rng, 12, 2)
    cases = [(X[:, 0], y, "X has one dimension"), (X[:, :, None], y, "X has three dimensions")]
    cases += [(X, np.resize(y, n), f"X has 12 rows and y {n} labels") for n in (7, 15)]
    cases += [(np.empty((0, 2)), y[:0], "there are no samples")]
    for bad in (math.nan, math.inf, -math.inf):
        broken = X.copy()
        broken[3, 1] = bad
        cases.append((broken, y, f"X contains {bad}"))
        cases.append((broken, np.zeros(12), f"X contains {bad} and all labels are the same"))
        for method in (drive_predict, drive_proba):
            with raises(ValueError, when=f"the samples to predict contain {bad}"):
                submission.run(method, {}, X, y, broken)
    for points, labels, when in cases:
        with raises(ValueError, when=when):
            submission.best_split(points, labels)
        with raises(ValueError, when=f"{when}, in fit"):
            submission.run(drive_predict, {}, points, labels, X)
    for other in (X[:, :1], np.ones((4, 3)), np.ones(2), np.empty((0, 3))):
        with raises(ValueError, when=f"fit saw 2 features and X of predict has shape {other.shape}"):
            submission.run(drive_predict, {}, X, y, other)
        with raises(ValueError, when=f"fit saw 2 features and X of predict_proba has shape {other.shape}"):
            submission.run(drive_proba, {}, X, y, other)
    for name, given in (("predict", (X,)), ("predict_proba", (X,)), ("get_depth", ()), ("get_n_leaves", ())):
        with raises(RuntimeError, when=f"{name} is called before fit"):
            submission.run(drive_unfitted, name, given)


@pytest.mark.edge_case("Arguments")
def test_arguments_stay_as_they_were(submission, rng):
    """Samples and labels are not written to."""
    X, y = draw(rng, 20, 2)
    y = np.array(["u", "v", "w"])[y]
    seen = submission.best_split.observe(X, y)
    assert_split(seen.value, slow_split(X.tolist(), y.tolist()))
    seen.assert_unchanged()
    seen = submission.probe(drive_predict).observe({}, X, y, X.copy())
    assert_equal(seen.value, y, what="the array of labels of the training samples")
    seen.assert_unchanged()


def one_feature(rng, n):
    x = rng.normal(size=n)
    return x[:, None], np.digitize(x + rng.normal(size=n), [-0.5, 0.8])


def judge_split(found, X, y):
    order = np.argsort(X[:, 0])
    left = np.cumsum(np.eye(3)[y[order]], axis=0)
    n_left, n = np.arange(1, len(y)), len(y)
    squares = (left[:-1] ** 2).sum(axis=1) / n_left + ((left[-1] - left[:-1]) ** 2).sum(axis=1) / (n - n_left)
    gain = squares.max() / n - ((left[-1] / n) ** 2).sum()
    assert_close(float(found[2]), gain, rtol=1e-6, what="the gain")
    low, high = X[order][squares.argmax() :][:2, 0]
    assert_close(float(found[1]), (low + high) / 2, rtol=1e-9, what="the threshold")


@pytest.mark.performance("Speed")
def test_growth(submission, measure):
    """The time of best_split grows like n log n up to 65,536 samples, not like n squared."""
    measure.growth(
        "best_split",
        one_feature,
        (2**10, 2**13, 2**16),
        at_most=0.45,
        judge=judge_split,
        hint="sort once and keep running counts, instead of counting anew for each threshold",
    )


def two_features(rng):
    X = rng.normal(size=(8192, 2))
    return {"max_depth": 2}, X, np.where(X[:, 0] > 0.2, 2, np.where(X[:, 1] > -0.3, 1, 0)), X[::2].copy()


def judge_labels(found, options, X, y, queries):
    assert_equal(found, y[::2], what="the array of predicted labels")


@pytest.mark.performance("Speed")
def test_cpu_time_of_a_tree(submission, measure):
    """A tree of two levels for 8,192 samples is grown without counting all labels for each threshold."""
    hint = "sort once and keep running counts, instead of counting anew for each threshold"
    measure.cpu_ratio(drive_predict, two_features, at_most=60.0, judge=judge_labels, hint=hint)
