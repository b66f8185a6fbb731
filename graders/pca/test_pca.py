"""Hidden checks of pca."""

import math

import numpy as np
import pytest

from mlkata.compare import assert_close, assert_dtype, assert_equal, assert_shape, assert_true, raises


def signed(components):
    """Each row with its largest entry positive, the first of several that are equally large."""
    rows = []
    for row in np.asarray(components).tolist():
        largest = max(abs(value) for value in row)
        first = next(value for value in row if abs(value) >= largest - 1e-9)
        rows.append([value if first > 0 else -value for value in row])
    return np.array(rows)


def make(rng, n_samples, n_features, spread):
    """Samples with known principal components: X, mean, components, and coordinates of the samples."""
    k = len(spread)
    # Centred, orthonormal columns; the variance along component j is spread[j] ** 2.
    noise = rng.normal(size=(n_samples, k))
    u = np.linalg.qr(noise - noise.mean(axis=0))[0]
    u = np.linalg.qr(u - u.mean(axis=0))[0]
    components = np.linalg.qr(rng.normal(size=(n_features, k)))[0].T
    components, mean = signed(components), rng.uniform(-3, 3, size=n_features)
    coordinates = u * np.asarray(spread) * math.sqrt(n_samples - 1)
    return coordinates @ components + mean, mean, components, coordinates


def drive_fit(module, options, X):
    """PCA(**options).fit(X): mean_, components_, explained_variance_, explained_variance_ratio_"""
    pca = module.PCA(**options)
    pca.fit(X)
    return pca.mean_, pca.components_, pca.explained_variance_, pca.explained_variance_ratio_


def drive_transform(module, options, X, queries):
    """PCA(**options).fit(X).transform(queries)"""
    pca = module.PCA(**options)
    pca.fit(X)
    return pca.transform(queries)


def drive_inverse(module, options, X, Z):
    """PCA(**options).fit(X).inverse_transform(Z)"""
    pca = module.PCA(**options)
    pca.fit(X)
    return pca.inverse_transform(Z)


def drive_refit(module, options, first, second, queries):
    """pca = PCA(**options).fit(first); pca.fit(second), mean_, components_, pca.transform(queries)"""
    pca = module.PCA(**options)
    pca.fit(first)
    chained = pca.fit(second) is pca
    return chained, pca.mean_, pca.components_, pca.transform(queries)


def drive_change(module, options, X, queries):
    """pca = PCA(**options).fit(X); X *= 100; mean_, components_, pca.transform(queries)"""
    pca = module.PCA(**options)
    pca.fit(X)
    X *= 100
    return pca.mean_, pca.components_, pca.transform(queries)


def drive_unfitted(module, method):
    """a method of PCA(), without fit"""
    getattr(module.PCA(), method)([[1.0, 2.0]])


def assert_fitted(found, mean, components, variance, total, *, rtol=1e-6):
    """The four attributes have these values, and float64 dtype."""
    names = ("mean_", "components_", "explained_variance_", "explained_variance_ratio_")
    variance = np.asarray(variance, float)
    for name, value, expected in zip(names, found, (mean, components, variance, variance / total), strict=True):
        assert_close(value, expected, rtol=rtol, atol=1e-9, what=name)
        assert_dtype(value, "float64", what=name)


@pytest.mark.correctness("Attributes", "Variance", "Components")
def test_components_by_hand(submission):
    """Four points on the axes of an ellipse have components, variances and ratios that are known by hand."""
    X = np.array([[1.0, 9.0], [1.0, 1.0], [2.0, 5.0], [0.0, 5.0]]) @ np.array([[0.6, -0.8], [0.8, 0.6]])
    found = submission.run(drive_fit, {}, X)
    assert_fitted(found, [4.6, 2.2], [[0.8, 0.6], [-0.6, 0.8]], [32 / 3, 2 / 3], 34 / 3)


@pytest.mark.correctness("Attributes", "Components", "Variance")
@pytest.mark.parametrize("shape", [(12, 4), (40, 3), (6, 5), (7, 1)])
def test_components_of_many_shapes(submission, rng, shape):
    """Mean, components, variances and ratios are those from which the data was made."""
    spread = np.array([3.0, 1.7, 0.9, 0.4, 0.2])[: shape[1]]
    X, mean, components, _ = make(rng, *shape, spread)
    found = submission.run(drive_fit, {}, X)
    assert_fitted(found, mean, components, spread**2, (spread**2).sum())
    *_, ratio = submission.run(drive_fit, {}, X * 1e-9)
    expected = spread**2 / (spread**2).sum()
    assert_close(ratio, expected, rtol=1e-6, what="explained_variance_ratio_ of data a billion times smaller")


@pytest.mark.correctness("Coordinates")
def test_coordinates(submission, rng):
    """Coordinates of training samples and of new ones are measured from the mean of the training data."""
    X, mean, components, coordinates = make(rng, 15, 4, [2.0, 1.1, 0.6, 0.1])
    found = submission.run(drive_transform, {}, X, X)
    assert_close(found, coordinates, rtol=1e-6, what="the array of coordinates of the training data")
    assert_dtype(found, "float64", what="the array of coordinates")
    Z = rng.normal(size=(3, 4))
    found = submission.run(drive_transform, {}, X, Z @ components + mean)
    assert_close(found, Z, rtol=1e-6, what="the array of coordinates of new samples")
    found = submission.run(drive_transform, {"n_components": 2}, X, (Z @ components + mean)[:1])
    assert_close(found, Z[:1, :2], rtol=1e-6, what="the array of two coordinates of one sample")


@pytest.mark.correctness("Inverse")
@pytest.mark.parametrize("whiten", [False, True])
def test_inverse(submission, rng, whiten):
    """Coordinates become points: the samples themselves with all components, their projections with fewer."""
    spread = np.array([2.0, 1.1, 0.6, 0.3])
    X, mean, components, _ = make(rng, 11, 4, spread)
    Z = rng.normal(size=(5, 4))
    scaled = Z * spread if whiten else Z
    for k in (4, 2, 1):
        found = submission.run(drive_inverse, {"n_components": k, "whiten": whiten}, X, Z[:, :k])
        expected = scaled[:, :k] @ components[:k] + mean
        assert_close(found, expected, rtol=1e-6, what=f"the array of points from {k} coordinates")
    assert_dtype(found, "float64", what="the array of points")


@pytest.mark.correctness("Whitening")
def test_whitening(submission, rng):
    """Whitened coordinates of the training data have variance 1; new samples are scaled alike."""
    spread = np.array([20.0, 1.1, 0.05])
    X, mean, components, coordinates = make(rng, 9, 3, spread)
    found = submission.run(drive_transform, {"whiten": True}, X, X)
    assert_close(found, coordinates / spread, rtol=1e-6, what="the array of whitened coordinates")
    assert_close(np.var(found, axis=0, ddof=1), np.ones(3), rtol=1e-6, what="the variance of whitened coordinates")
    Z = rng.normal(size=(4, 3))
    found = submission.run(drive_transform, {"whiten": True, "n_components": 2}, X, Z @ components + mean)
    assert_close(found, Z[:, :2] / spread[:2], rtol=1e-6, what="the array of whitened coordinates of new samples")
    found = submission.run(drive_fit, {"whiten": True}, X)
    assert_fitted(found, mean, components, spread**2, (spread**2).sum())


@pytest.mark.correctness("Number", "Variance")
@pytest.mark.parametrize("k", [1, 2, 4])
def test_number_of_components(submission, rng, k):
    """Of the components that are kept the ratios are shares in the variance of all features."""
    spread = np.array([2.0, 1.5, 0.9, 0.6])
    X, mean, components, _ = make(rng, 14, 4, spread)
    found = submission.run(drive_fit, {"n_components": k}, X)
    assert_fitted(found, mean, components[:k], spread[:k] ** 2, (spread**2).sum())
    assert_shape(submission.run(drive_transform, {"n_components": k}, X, X), (14, k), what="the array of coordinates")


@pytest.mark.correctness("Number")
@pytest.mark.parametrize(("share", "k"), [(0.3, 1), (0.49, 1), (0.51, 2), (0.79, 2), (0.81, 3), (0.96, 4), (0.9999, 4)])
def test_share_of_the_variance(submission, rng, share, k):
    """A share keeps the fewest components whose ratios add up to it."""
    # The ratios are 0.5, 0.3, 0.15, 0.05.
    spread = np.sqrt([10.0, 6.0, 3.0, 1.0])
    X, mean, components, _ = make(rng, 13, 4, spread)
    found = submission.run(drive_fit, {"n_components": share}, X)
    assert_fitted(found, mean, components[:k], spread[:k] ** 2, 20.0)


@pytest.mark.correctness("Attributes", "Number")
def test_second_fit(submission, rng):
    """fit returns the estimator, and a second fit forgets the first, the number of features included."""
    first, *_ = make(rng, 8, 5, [2.0, 1.9, 1.8, 0.3, 0.1])
    X, mean, components, _ = make(rng, 10, 3, [1.0, 0.5, 0.2])
    Z = rng.normal(size=(4, 3))
    # The share 0.7 takes two components of the first data and one of the second.
    for options, k in (({}, 3), ({"n_components": 0.7}, 1)):
        chained, *found, coordinates = submission.run(drive_refit, options, first, X, Z @ components + mean)
        assert_true(chained, "fit must return the estimator itself")
        assert_close(found[0], mean, what="mean_ after the second fit")
        assert_close(found[1], components[:k], rtol=1e-6, what="components_ after the second fit")
        assert_close(coordinates, Z[:, :k], rtol=1e-6, what="the array of coordinates after the second fit")


@pytest.mark.edge_case("Signs")
def test_signs(submission, rng):
    """The largest entry of each component is positive, and of equally large ones the first, whatever rounding says."""
    for n_features in (2, 3, 5, 7):
        signs = rng.choice([-1.0, 1.0], size=n_features)
        signs[:2] = [1, -1]
        for factor in (1.0, -1.0):
            x = factor * np.array([0.1, 0.7, 0.4, 2.2])
            component = submission.run(drive_fit, {"n_components": 1}, np.outer(x, signs))[1]
            expected = [signs / math.sqrt(n_features)]
            assert_close(component, expected, what=f"the component of {n_features} features that are equal up to sign")
    for direction in ([0.1, -0.9, 0.2], [-0.1, -0.2, 0.9], [-0.5, -0.6, -0.55], [-0.6, 0.6 + 3e-8, 0.5]):
        for factor in (1.0, -1.0):
            x = factor * np.array([-1.3, 0.2, 5.0, 0.4])
            component = submission.run(drive_fit, {"n_components": 1}, np.outer(x, direction))[1]
            expected = signed([np.array(direction) / np.linalg.norm(direction)])
            assert_close(component, expected, what="the component of samples on a line")


@pytest.mark.edge_case("No variance", "Number")
@pytest.mark.parametrize("shape", [(5, 9), (2, 3), (4, 4)])
def test_fewer_samples_than_features(submission, rng, shape):
    """With n samples in many dimensions there are n components, the last of which has no variance."""
    n = shape[0]
    spread = np.array([3.0, 1.0, 0.3, 0.1])[: n - 1]
    X, mean, components, coordinates = make(rng, *shape, spread)
    found = submission.run(drive_fit, {}, X)
    variance = np.append(spread**2, 0.0)
    assert_fitted([found[0], found[1][: n - 1], *found[2:]], mean, components, variance, variance.sum())
    assert_shape(found[1], (n, shape[1]), what="components_")
    assert_close(found[1] @ found[1].T, np.eye(n), atol=1e-9, what="the product of components_ with its transpose")
    found = submission.run(drive_transform, {}, X, X)
    assert_close(found, np.column_stack([coordinates, np.zeros(n)]), atol=1e-9, what="the array of coordinates")
    assert_close(submission.run(drive_inverse, {}, X, found), X, atol=1e-9, what="the array of samples that came back")


@pytest.mark.edge_case("No variance", "Whitening")
def test_whitening_without_variance(submission, rng):
    """Along a component without variance whitened coordinates are 0, also of new samples, and nothing is NaN."""
    spread = np.array([4.0, 0.5])
    for shape, unit in (((12, 4), 1.0), ((12, 4), 1e9), ((3, 8), 1e-9)):
        X, mean, components, coordinates = make(rng, *shape, spread)
        queries = rng.normal(size=(6, shape[1]))
        expected = np.zeros((6, min(shape)))
        expected[:, :2] = (queries - mean) @ components.T / spread
        found = submission.run(drive_transform, {"whiten": True}, X * unit, queries * unit)
        assert_close(found, expected, rtol=1e-6, what="the array of whitened coordinates")
        assert_equal(found[:, 2:], expected[:, 2:], what="the array of whitened coordinates without variance")
        Z = np.column_stack([coordinates / spread, np.zeros((shape[0], min(shape) - 2))])
        back = submission.run(drive_inverse, {"whiten": True}, X * unit, Z)
        assert_close(back / unit, X, atol=1e-9, what=f"the array of samples that came back, by {unit}")


@pytest.mark.edge_case("No variance")
def test_data_without_variance(submission):
    """Where all samples are the same, variances and ratios are 0, and whitened coordinates too."""
    X = np.full((4, 3), 0.1) * [1, 3, 7]
    mean, components, variance, ratio = submission.run(drive_fit, {}, X)
    assert_close(mean, X[0], what="mean_")
    assert_close(components @ components.T, np.eye(3), atol=1e-9, what="the product of components_ with its transpose")
    assert_close(variance, np.zeros(3), atol=1e-20, what="explained_variance_")
    X = np.array([[2.0, 4.0], [2.0, 4.0], [2.0, 4.0]])
    _, _, variance, ratio = submission.run(drive_fit, {"whiten": True}, X)
    assert_equal(np.asarray(ratio), np.zeros(2), what="explained_variance_ratio_")
    assert_equal(np.asarray(variance), np.zeros(2), what="explained_variance_")
    found = submission.run(drive_transform, {"whiten": True}, X, [[5.0, 1.0]])
    assert_equal(np.asarray(found), np.zeros((1, 2)), what="the array of whitened coordinates")
    for size, some in ((1e-11, True), (2e-13, False)):
        X = np.array([[1.0, size], [-1.0, size], [1.0, -size], [-1.0, -size]])
        variance = submission.run(drive_fit, {}, X)[2]
        when = f"the singular values are 2 and {2 * size}"
        assert_close(variance[0], 4 / 3, what=f"the first variance where {when}")
        kind = "above 0" if some else "exactly 0"
        assert_true((variance[1] > 0) == some, f"the second variance must be {kind} where {when}")


@pytest.mark.edge_case("Accuracy", "Whitening")
def test_tiny_variances(submission, rng):
    """A direction with 1e-8 of the largest standard deviation keeps its variance and its component."""
    spread = np.array([1.0, 1e-4, 1e-8])
    noise = rng.normal(size=(30, 3))
    u = np.linalg.qr(noise - noise.mean(axis=0))[0]
    # The small direction is an axis of its own: rounding of the others does not reach it.
    X = u * spread * math.sqrt(29) @ np.array([[0.6, 0.8, 0.0], [0.8, -0.6, 0.0], [0.0, 0.0, 1.0]])
    _, components, variance, _ = submission.run(drive_fit, {}, X)
    hint = "take singular values of the centred data, not eigenvalues of its covariance"
    assert_close(
        np.sqrt(variance) / spread,
        np.ones(3),
        rtol=1e-4,
        what="the array of standard deviations by their sizes",
        hint=hint,
    )
    expected = [[0.6, 0.8, 0.0], [0.8, -0.6, 0.0], [0.0, 0.0, 1.0]]
    assert_close(components, expected, atol=1e-4, what="components_", hint=hint)
    white = submission.run(drive_transform, {"whiten": True}, X, X)
    assert_close(white.std(axis=0, ddof=1), np.ones(3), rtol=1e-4, what="the deviation of whitened coordinates")


@pytest.mark.edge_case("Accuracy")
def test_large_offset(submission, rng):
    """Data that lies 1e8 away from the origin has the components that it has nearby."""
    spread = np.array([2.0, 1.0, 0.5])
    X, mean, components, _ = make(rng, 20, 3, spread)
    away = np.array([1e8, -1e8, 1e8])
    found = submission.run(drive_fit, {}, X + away)
    assert_close(found[0] - away, mean, atol=1e-6, what="mean_ without the offset")
    assert_close(found[1], components, rtol=1e-5, atol=1e-6, what="components_")
    assert_close(found[2], spread**2, rtol=1e-5, what="explained_variance_")
    assert_close(found[3], spread**2 / (spread**2).sum(), rtol=1e-5, what="explained_variance_ratio_")


@pytest.mark.edge_case("Input", "Coordinates")
@pytest.mark.parametrize("kind", ["uint8", "int64", "float32", "turned", "lists"])
def test_kinds_of_input(submission, rng, kind):
    """Integers, float32, non-contiguous arrays and nested lists are worked out in float64; 0 samples have 0 rows."""
    X = rng.integers(20, 256, size=(10, 3)) * np.array([1.0, 0.5, 0.25])
    X = X + (1e6 if kind == "float32" else 0)
    change = {"turned": lambda array: np.repeat(array, 2, axis=0)[::2], "lists": np.ndarray.tolist}
    X = X if kind == "float32" else np.floor(X)
    given = change.get(kind, lambda array: array.astype(kind))(X)
    exact = np.array(given, dtype=float)
    centred = exact - exact.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred / 9)
    components = signed(vectors[:, ::-1].T)
    found = submission.run(drive_fit, {}, given)
    assert_fitted(found, exact.mean(axis=0), components, values[::-1], values.sum())
    found = submission.run(drive_transform, {}, given, given)
    assert_close(found, centred @ components.T, rtol=1e-6, atol=1e-6, what="the array of coordinates")
    empty = submission.run(drive_transform, {"n_components": 2}, given, np.empty((0, 3)))
    assert_shape(empty, (0, 2), what="the array of coordinates of no sample")


@pytest.mark.edge_case("Errors")
def test_errors(submission, rng):
    """Bad options, NaN, infinity and arrays that do not fit raise ValueError; no fit raises RuntimeError."""
    X, *_ = make(rng, 8, 3, [1.0, 0.5, 0.2])
    for n_components in (0, -1, 4, 1.5, 0.0, -0.5, 1.0, 2.0):
        with raises(ValueError, when=f"n_components is {n_components} and X has shape (8, 3)"):
            submission.run(drive_fit, {"n_components": n_components}, X)
    with raises(ValueError, when="n_components is 3 and X has shape (2, 3)"):
        submission.run(drive_fit, {"n_components": 3}, X[:2])
    for bad in (math.nan, math.inf, -math.inf):
        broken = X.copy()
        broken[4, 1] = bad
        with raises(ValueError, when=f"X contains {bad}, in fit"):
            submission.run(drive_fit, {}, broken)
        with raises(ValueError, when=f"X contains {bad}, in transform"):
            submission.run(drive_transform, {}, X, broken)
        with raises(ValueError, when=f"Z contains {bad}, in inverse_transform"):
            submission.run(drive_inverse, {}, X, broken)
    for few in (X[0], X[:1], X[:0], X[:, :, None]):
        with raises(ValueError, when=f"X has shape {few.shape}, in fit"):
            submission.run(drive_fit, {}, few)
    for other in (X[:, :2], np.ones((4, 4)), np.ones((1, 1)), X[0], np.ones((2, 3, 1)), np.empty((0, 2))):
        with raises(ValueError, when=f"there are 3 features and X has shape {other.shape}, in transform"):
            submission.run(drive_transform, {}, X, other)
    for other in (X, np.ones((4, 1)), np.ones(2), np.ones((4, 2, 1)), np.empty((0, 3))):
        with raises(ValueError, when=f"there are 2 components and Z has shape {other.shape}, in inverse_transform"):
            submission.run(drive_inverse, {"n_components": 2}, X, other)
    for name in ("transform", "inverse_transform"):
        with raises(RuntimeError, when=f"{name} is called before fit"):
            submission.run(drive_unfitted, name)


@pytest.mark.edge_case("Arrays")
@pytest.mark.parametrize("whiten", [False, True])
def test_arrays_of_the_caller(submission, rng, whiten):
    """Arrays passed in are not written to, and changing the training data afterwards changes nothing."""
    spread = np.array([1.0, 0.5, 0.2])
    X, mean, components, _ = make(rng, 9, 3, spread)
    Z = rng.normal(size=(4, 3))
    for drive, given in ((drive_transform, Z @ components + mean), (drive_inverse, Z)):
        seen = submission.probe(drive).observe({"whiten": whiten}, X, given)
        expected = Z if drive is drive_transform else Z @ components + mean
        if whiten:
            expected = Z / spread if drive is drive_transform else Z * spread @ components + mean
        assert_close(seen.value, expected, rtol=1e-6, what="the result")
        seen.assert_unchanged()
    found = submission.run(drive_change, {"whiten": whiten}, X, Z @ components + mean)
    assert_close(found[0], mean, what="mean_ after the training data has changed")
    assert_close(found[1], components, rtol=1e-6, what="components_ after the training data has changed")
    assert_close(found[2], Z / spread if whiten else Z, rtol=1e-6, what="the array of coordinates after the change")


def samples(rng, n_samples, n_features):
    X, *_ = make(rng, n_samples, n_features, [3.0, 2.0, 1.0])
    return {"n_components": 3}, X + rng.normal(scale=1e-3, size=X.shape), X[:5].copy()


def judge_coordinates(found, options, X, queries):
    centred = X - X.mean(axis=0)
    small = centred @ centred.T if len(X) < X.shape[1] else centred.T @ centred
    vectors = np.linalg.eigh(small)[1][:, ::-1][:, :3]
    components = centred.T @ vectors if len(X) < X.shape[1] else vectors
    components = signed((components / np.linalg.norm(components, axis=0)).T)
    expected = (queries - X.mean(axis=0)) @ components.T
    assert_close(found, expected, rtol=1e-4, atol=1e-4, what="the array of coordinates")


def many_features(rng):
    return samples(rng, 30, 5000)


@pytest.mark.performance("Memory")
def test_memory_with_many_features(submission, measure):
    """30 samples with 5,000 features need no matrix of features by features."""
    hint = "leave away the singular vectors that are multiplied by nothing"
    measure.peak_megabytes(drive_transform, many_features, at_most=60.0, judge=judge_coordinates, hint=hint)


def many_samples(rng):
    return samples(rng, 5000, 6)


@pytest.mark.performance("Memory")
def test_memory_with_many_samples(submission, measure):
    """5,000 samples with 6 features need no matrix of samples by samples."""
    hint = "leave away the singular vectors that are multiplied by nothing"
    measure.peak_megabytes(drive_transform, many_samples, at_most=60.0, judge=judge_coordinates, hint=hint)
