"""Hidden checks of bayesian_optimization."""

import math

import numpy as np
import pytest

from mlkata.compare import assert_close, assert_dtype, assert_equal, assert_finite, assert_shape, assert_true, raises

NEAR = {"rtol": 0.0, "atol": 1e-6}
TIGHT = {"rtol": 0.0, "atol": 1e-9}


def posterior(X, y, X_new, length_scale=1.0, variance=1.0, noise=1e-6):
    """Mean and deviation point by point, as a linear regression of the new value on the known ones."""
    X, y = [list(map(float, row)) for row in X], np.asarray(y, dtype=float)

    def kernel(a, b):
        return variance * math.exp(-(math.dist(a, b) ** 2) / (2 * length_scale**2))

    K = np.array([[kernel(a, b) + noise * (i == j) for j, b in enumerate(X)] for i, a in enumerate(X)])
    mean, std = [], []
    for point in X_new:
        k = np.array([kernel(a, list(map(float, point))) for a in X])
        weights = np.linalg.solve(K, k)
        mean.append(float(weights @ y))
        std.append(math.sqrt(max(variance - float(weights @ k), 0.0)))
    return mean, std


def assert_posterior(found, expected, what=""):
    pair = isinstance(found, (tuple, list)) and len(found) == 2
    assert_true(pair, "gp_posterior must return two arrays, mean and deviation")
    for got, want, name in zip(found, expected, ("mean", "deviation"), strict=True):
        assert_close(got, want, **NEAR, what=f"the {name}{what}")
        assert_dtype(got, "float64", what=f"the {name}{what}")


@pytest.mark.correctness("Posterior", "Shapes")
@pytest.mark.parametrize("d", [1, 3])
def test_posterior(submission, rng, d):
    """Mean and deviation at new points are those of the formula, for kernels of any width and height."""
    X, y, X_new = rng.normal(size=(7, d)), rng.normal(2, 1, size=7), rng.normal(size=(4, d))
    found = submission.gp_posterior(X, y, X_new, noise=0.01)
    assert_posterior(found, posterior(X, y, X_new, noise=0.01))
    options = {"length_scale": 0.6, "variance": 2.5, "noise": 0.3}
    assert_posterior(submission.gp_posterior(X, y, X_new, **options), posterior(X, y, X_new, **options))


@pytest.mark.correctness("Posterior")
def test_noise(submission):
    """Noise pulls the mean away from the data, and is not added to the deviation."""
    # Two values at one point with noise 0.5 are one value with noise 0.25: 3 / 1.25, and 1 - 1 / 1.25.
    found = submission.gp_posterior([[1.0, 1.0], [1.0, 1.0]], [2.0, 4.0], [[1.0, 1.0], [50.0, 0.0]], noise=0.5)
    assert_posterior(found, ([2.4, 0.0], [math.sqrt(0.2), 1.0]))
    found = submission.gp_posterior([[0.0], [2.0]], [5.0, -5.0], [[0.0], [2.0]])
    assert_close(found[0], [5.0, -5.0], rtol=0.0, atol=1e-4, what="the mean at the data with the default noise")
    assert_close(found[1], [1e-3, 1e-3], rtol=0.01, atol=0.0, what="the deviation at the data with the default noise")
    found = submission.gp_posterior([[0.0], [50.0]], [2.0, 1.0], [[0.0]], noise=4e-9)
    assert_posterior(found, ([2.0], [math.sqrt(4e-9)]), " at a point whose value is all but known")


def improvement(mean, std, best, xi=0.0):
    """The integral of the improvement over the values that are lower, by Simpson's rule."""
    steps = np.linspace(0.0, 40.0, 40001)
    z = (best - xi - mean) / std - steps
    density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    weights = np.ones(40001)
    weights[1:-1:2], weights[2:-1:2] = 4.0, 2.0
    return float(std * (weights * steps * density).sum() * (steps[1] / 3))


@pytest.mark.correctness("Improvement")
def test_expected_improvement(submission, rng):
    """The expected improvement is the mean of what lies below the best value, element by element."""
    mean, std = rng.normal(size=6), rng.uniform(0.2, 2.0, size=6)
    for best, options in ((0.3, {}), (-0.5, {"xi": 0.4})):
        found = submission.expected_improvement(mean, std, best, **options)
        expected = [improvement(m, s, best, **options) for m, s in zip(mean, std, strict=True)]
        assert_close(found, expected, **TIGHT, what="the array of expected improvements", hint="we minimize")


@pytest.mark.edge_case("Improvement")
def test_improvement_without_doubt(submission):
    """Where the deviation is 0 the improvement is certain or none; far tails give no NaN and nothing negative."""
    found = submission.expected_improvement([1.0, 4.0, 2.75, 2.5], [0.0, 0.0, 0.0, 0.0], 3.0, xi=0.25)
    assert_close(found, [1.75, 0.0, 0.0, 0.25], **TIGHT, what="the array of expected improvements")
    mean, std = np.array([40.0, 9.0, 7.0, -500.0, 1e6]), np.array([1.0, 1.0, 1.0, 1.0, 1e-9])
    found = np.asarray(submission.expected_improvement(mean, std, 0.0))
    assert_finite(found, what="the array of expected improvements")
    assert_true((found >= 0).all(), "an expected improvement must not be negative", f"got {found.min()}")
    assert_close(found, [0.0, 0.0, 0.0, 500.0, 0.0], **TIGHT, what="the array of expected improvements in the tails")
    found = np.asarray(submission.expected_improvement(np.linspace(4.0, 40.0, 1000), np.ones(1000), 0.0))
    assert_finite(found, what="the array of expected improvements")
    assert_true((found >= 0).all(), "an expected improvement must not be negative", f"got {found.min()}")
    found = submission.expected_improvement(np.array([3.0, 3.0 - 2e-7]), np.array([4e-7, 2e-7]), 3.0)
    # The density at 0, and distribution function and density at 1.
    expected = [4e-7 * 0.3989423, 2e-7 * (0.8413447 + 0.2419707)]
    assert_close(found, expected, **TIGHT, what="the array of expected improvements with small deviations")


@pytest.mark.edge_case("Shapes", "Posterior")
def test_unusual_data(submission, rng):
    """No data, repeated points, many close points, integers and nested lists are taken."""
    X_new = rng.normal(size=(3, 2))
    found = submission.gp_posterior(np.empty((0, 2)), np.empty(0), X_new, variance=4.0)
    assert_posterior(found, ([0.0] * 3, [2.0] * 3), " without data")
    X, y = [[0, 0], [1, 2], [0, 0]], [3, 1, 2]
    found = submission.gp_posterior(X, y, X_new.tolist(), noise=0.1)
    assert_posterior(found, posterior(X, y, X_new, noise=0.1), " with a repeated point")
    line = np.linspace(0, 1, 60)[:, None]
    mean, std = submission.gp_posterior(line, np.sin(3 * line[:, 0]), line[::7], length_scale=0.5, noise=1e-8)
    assert_close(mean, np.sin(3 * line[::7, 0]), rtol=0.0, atol=1e-3, what="the mean among many close points")
    assert_finite(std, what="the deviation among many close points")


class Recorder:
    """A function that remembers where it was called, and what it returned."""

    def __init__(self, function):
        self.function, self.points, self.values = function, [], []
        self.__name__ = function.__name__

    def __call__(self, x):
        self.points.append(x)
        self.values.append(self.function(x))
        return self.values[-1]


def bowl(x):
    return float((x[0] - 0.3) ** 2 + (x[1] + 0.6) ** 2 + 0.5 * (x[0] - 0.3) * (x[1] + 0.6))


def branin(x):
    curve = x[1] - 5.1 / (4 * math.pi**2) * x[0] ** 2 + 5 / math.pi * x[0] - 6
    return float(curve**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x[0]) + 10 - 0.397887)


def dip(x):
    return float(1 - math.exp(-((x[0] - 0.7) ** 2 + (x[1] - 0.2) ** 2) / 0.08))


# One in ten random searches of 30 calls comes down to these values; the minimum is 0.
SET = [
    (bowl, [(-1.0, 2.0), (-2.0, 1.0)], 0.0085),
    (branin, [(-5.0, 10.0), (0.0, 15.0)], 0.2),
    (dip, [(0.0, 1.0), (0.0, 1.0)], 0.016),
]


def assert_run(found, f, bounds, n_calls):
    """The result is the best of n_calls points, all of them within the box."""
    assert_equal(len(f.points), n_calls, what="the number of calls of f")
    for point in f.points:
        assert_shape(point, (len(bounds),), what="the point that f is given")
        assert_dtype(point, "float64", what="the point that f is given")
        inside = all(low <= value <= high for value, (low, high) in zip(point, bounds, strict=True))
        assert_true(inside, "every point must lie within the bounds", f"got {point}")
    pair = isinstance(found, (tuple, list)) and len(found) == 2
    assert_true(pair, "minimize must return a pair, the best point and its value")
    assert_equal(float(found[1]), min(f.values), what="the value that is returned", hint="not the lowest one")
    assert_close(f.function(found[0]), found[1], **TIGHT, what="the value of f at the point that is returned")
    assert_shape(found[0], (len(bounds),), what="the point that is returned")


@pytest.mark.correctness("Calls", "Result")
@pytest.mark.parametrize(("n_calls", "n_initial"), [(12, 4), (5, 5), (9, 1)])
def test_calls_and_result(submission, n_calls, n_initial):
    """f is called as often as was said, within the box, and the best of these points is returned."""
    for function, bounds, _ in SET[:2]:
        f = Recorder(function)
        found = submission.minimize(f, bounds, n_calls=n_calls, n_initial=n_initial, seed=1)
        assert_run(found, f, bounds, n_calls)

    def rugged(x):
        return math.sin(40 * x[0]) + math.cos(31 * x[1]) + math.sin(57 * x[2])

    f, bounds = Recorder(rugged), [(0.0, 1.0), (-2.0, -1.0), (5.0, 6.5)]
    assert_run(submission.minimize(f, bounds, n_calls=n_calls, n_initial=n_initial, seed=2), f, bounds, n_calls)


@pytest.mark.correctness("First points", "Calls")
def test_first_points(submission):
    """The first points do not depend on the function and fill the box, those after them depend on it."""

    def upside_down(x):
        return -bowl(x)

    bounds, sides = SET[0][1], [Recorder(bowl), Recorder(upside_down)]
    for f in sides:
        submission.minimize(f, bounds, n_calls=102, n_initial=100, seed=3)
    one, other = (np.array(f.points) for f in sides)
    assert_shape(one, (102, 2), what="the array of points")
    assert_equal(other[:100], one[:100], what="the array of the first points for another function")
    assert_true((other[100:] != one[100:]).any(), "the points after the first ones must depend on the values of f")
    share = np.sort((one[:100] - [-1.0, -2.0]) / 3, axis=0)
    spread = share[-1] - share[0]
    # What a uniform draw does not once in a million times.
    assert_true((spread > 0.75).all(), "the first points must be spread over the whole box", f"they cover {spread}")
    far = abs(share - np.linspace(0.005, 0.995, 100)[:, None]).max(axis=0)
    assert_true((far < 0.27).all(), "the first points must be spread evenly over the box", f"off by up to {far}")
    together = abs(np.corrcoef(one[:100].T)[0, 1])
    assert_true(together < 0.6, "each entry must be drawn on its own", f"their correlation is {together:.3f}")
    few = [Recorder(bowl), Recorder(upside_down)]
    for f in few:
        submission.minimize(f, bounds, n_calls=10, seed=3)
    same = [bool((a == b).all()) for a, b in zip(few[0].points, few[1].points, strict=True)]
    assert_equal(same[:6], [True] * 6, what="the list of agreements of the first six points, the default,")
    assert_true(not all(same[6:]), "by default the points after the first six must depend on the values of f")


@pytest.mark.correctness("Quality", "Search")
def test_better_than_random(submission, rng):
    """Thirty calls come nearer to the minimum than random search does, on most of nine runs."""
    reached, figures = 0, []
    for function, bounds, goal in SET:
        for seed in rng.integers(10**6, size=3):
            f = Recorder(function)
            _, value = submission.minimize(f, bounds, seed=int(seed))
            assert_equal(len(f.values), 30, what="the number of calls of f, by default")
            figures.append(f"{function.__name__}: {min(f.values):.4g}, the goal is {goal:g}")
            reached += min(f.values) <= goal and float(value) <= goal
    broken = "6 of 9 runs must reach what one in ten random searches reaches"
    assert_true(reached >= 6, broken, f"{reached} did", *figures)


@pytest.mark.edge_case("Search", "Quality")
def test_other_scales(submission, rng):
    """Sides and values of very different size, with a large offset, do not mislead the search."""

    def stretched_bowl(x):
        return 1e6 * bowl((1e3 * x[0], (x[1] - 7e5) / 1e5)) + 1e6

    def stretched_dip(x):
        return 1e-6 * dip((x[0] / 1e5, 1e3 * x[1])) - 1e-3

    for function, bounds, goal in (
        (stretched_bowl, [(-1e-3, 2e-3), (5e5, 8e5)], 1e6 + 8500.0),
        (stretched_dip, [(0.0, 1e5), (0.0, 1e-3)], 0.016e-6 - 1e-3),
    ):
        lowest = []
        for seed in rng.integers(10**6, size=5):
            f = Recorder(function)
            submission.minimize(f, bounds, n_calls=30, seed=int(seed))
            assert_equal(len(f.values), 30, what="the number of calls of f")
            lowest.append(min(f.values))
        reached = sum(value <= goal for value in lowest)
        broken = "3 of 5 runs on a stretched box must reach what one in ten random searches reaches"
        assert_true(reached >= 3, broken, f"{reached} did: {lowest}", f"the goal is {goal:.9g}")


@pytest.mark.edge_case("Search", "Result")
def test_constant_function(submission):
    """A constant function is no error, in one dimension or two."""

    def level(x):
        return 2.5

    for bounds in ([(0, 1)], [(-1.0, 2.0), (3.0, 4.0)]):
        f = Recorder(level)
        assert_run(submission.minimize(f, bounds, n_calls=9, n_initial=3, seed=4), f, bounds, 9)


def drive_seeds(module, seeds):
    """np.random.seed(1), the points of minimize(f, [(0, 1), (0, 2)], n_calls=9, seed=seed), np.random's next"""
    runs = []
    np.random.seed(1)
    for seed in seeds:
        points = []

        def f(x, points=points):
            points.append(np.array(x))
            return float((x[0] - 0.4) ** 2 + x[1])

        module.minimize(f, [(0.0, 1.0), (0.0, 2.0)], n_calls=9, seed=seed)
        runs.append(np.array(points))
    return runs, np.random.random(3)


@pytest.mark.edge_case("Seed")
def test_seeds(submission):
    """The same seed gives the same points, others give others, and the global generator has no part in it."""
    runs, after = submission.run(drive_seeds, [5, 6, 5, 0, 0, None, None])
    for points in runs:
        assert_shape(points, (9, 2), what="the array of points")
    assert_equal(runs[2], runs[0], what="the array of points with the same seed")
    assert_equal(runs[4], runs[3], what="the array of points with the seed 0, as with the seed 0 before")
    different = len({points[:6].tobytes() for points in runs})
    assert_equal(different, 5, what="the number of different first six points for the seeds 5, 6, 5, 0, 0, None, None")
    assert_equal(after, np.random.RandomState(1).random_sample(3), what="the state of np.random after the calls")


@pytest.mark.edge_case("Errors")
def test_bad_arguments(submission):
    """Shapes that do not fit, useless parameters and useless boxes raise ValueError."""
    X, y = np.ones((3, 2)) * [[1.0], [2.0], [3.0]], np.arange(3.0)
    for args, options, when in [
        ((X, y[:2], X), {}, "y is shorter than X"),
        ((X, np.arange(4.0), X), {}, "y is longer than X"),
        ((X, y[:, None], X), {}, "y has two dimensions"),
        ((X, y, X[:, :1]), {}, "the new points have another number of features"),
        ((X[:, 0], y, X), {}, "X has one dimension"),
        ((X, y, X[0]), {}, "X_new has one dimension"),
        ((X, y, X), {"length_scale": 0.0}, "length_scale is 0"),
        ((X, y, X), {"length_scale": -1.0}, "length_scale is negative"),
        ((X, y, X), {"variance": 0.0}, "variance is 0"),
        ((X, y, X), {"variance": -2.0}, "variance is negative"),
        ((X[:0], y[:0], X), {"noise": -2.0}, "noise is negative and there are no data"),
        ((X[:0], y[:0], X[:, :1]), {}, "the new points have another number of features and there are no data"),
        ((X, y, X), {"noise": -1e-3}, "noise is negative"),
        ((X, y, X), {"noise": 0.0}, "noise is 0"),
    ]:
        with raises(ValueError, when=when):
            submission.gp_posterior(*args, **options)

    def never(x):
        raise RuntimeError("f is called before the arguments are looked at")

    for bounds, options, when in [
        ([], {}, "there are no bounds"),
        ([(0.0, 1.0), (2.0, 2.0)], {}, "a side has length 0"),
        ([(1.0, 0.0)], {}, "the ends are exchanged"),
        ([(0.0, math.inf)], {}, "an upper bound is infinite"),
        ([(-math.inf, 0.0)], {}, "a lower bound is infinite"),
        ([(math.nan, 1.0)], {}, "a bound is NaN"),
        ([(0.0, 1.0)], {"n_initial": 0}, "n_initial is 0"),
        ([(0.0, 1.0)], {"n_calls": 5}, "n_calls is below n_initial"),
    ]:
        with raises(ValueError, when=when):
            submission.minimize(never, bounds, **options)


def drive_bounds(module, bounds):
    """minimize(f, bounds, n_calls=8, n_initial=4, seed=1)"""
    return module.minimize(lambda x: float((x[0] - 2.5) ** 2), bounds, n_calls=8, n_initial=4, seed=1)


@pytest.mark.edge_case("Arguments")
def test_arguments_stay_as_they_were(submission, rng):
    """Points, values, means, deviations and bounds are not written to."""
    X, y, X_new = rng.normal(size=(5, 2)), rng.normal(size=5), rng.normal(size=(3, 2))
    seen = submission.gp_posterior.observe(X, y, X_new, noise=0.1)
    assert_posterior(seen.value, posterior(X, y, X_new, noise=0.1))
    seen.assert_unchanged()
    seen = submission.expected_improvement.observe(np.array([1.0, 0.5]), np.array([0.0, 2.0]), 1.5)
    assert_close(seen.value, [0.5, improvement(0.5, 2.0, 1.5)], **TIGHT, what="the array of expected improvements")
    seen.assert_unchanged()
    seen = submission.probe(drive_bounds).observe(np.array([[1.0, 5.0]]))
    x, value = seen.value
    assert_close((x[0] - 2.5) ** 2, value, **TIGHT, what="the value of f at the point that is returned")
    seen.assert_unchanged()
