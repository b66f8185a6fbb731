"""Hidden checks of acf_pacf."""

import math

import numpy as np
import pytest

from mlkata.compare import assert_close, assert_dtype, assert_true, raises

TIGHT = {"rtol": 0.0, "atol": 1e-8}
BOTH = ["acf", "pacf"]


def correlations(x, n_lags):
    """Autocorrelations term by term, in Python numbers."""
    x = [float(value) for value in x]
    mean = math.fsum(x) / len(x)
    centred = [value - mean for value in x]
    sums = [math.fsum(a * b for a, b in zip(centred, centred[lag:], strict=False)) for lag in range(n_lags + 1)]
    return [value / sums[0] for value in sums]


def partials(x, n_lags):
    """Partial autocorrelations: the equations of each order solved on their own."""
    r = np.array(correlations(x, n_lags))
    found = [1.0]
    for k in range(1, n_lags + 1):
        lags = np.abs(np.subtract.outer(np.arange(k), np.arange(k)))
        found.append(np.linalg.solve(r[lags], r[1 : k + 1])[-1])
    return found


ORACLES = {"acf": correlations, "pacf": partials}
NAMES = {"acf": "the array of autocorrelations", "pacf": "the array of partial autocorrelations"}


def ask(submission, name, x, n_lags):
    return (submission.acf if name == "acf" else submission.pacf)(x, n_lags)


def assert_right(submission, name, x, n_lags, what="", **tolerance):
    """The result of one of the functions is right, and a float64 array."""
    found = ask(submission, name, x, n_lags)
    values = np.asarray(x).tolist()
    assert_close(found, ORACLES[name](values, n_lags), **(tolerance or TIGHT), what=NAMES[name] + what)
    assert_dtype(found, "float64", what=NAMES[name] + what)


def autoregression(rng, n, first=0.6, second=-0.3):
    x = rng.normal(size=n)
    for t in range(2, n):
        x[t] += first * x[t - 1] + second * x[t - 2]
    return x + 3.0


@pytest.mark.correctness("Estimator", "Lags")
@pytest.mark.parametrize("n", [37, 64, 65])
def test_autocorrelation(submission, rng, n):
    """The autocorrelation is that of the formula, for series of any length."""
    assert_right(submission, "acf", autoregression(rng, n), 12)


@pytest.mark.correctness("Estimator")
def test_all_lags(submission, rng):
    """At high lags the divisor is still n, and the end of the series does not meet its beginning."""
    x = np.cumsum(rng.normal(size=32))
    assert_right(submission, "acf", x, 31, " at all lags")
    # Only the first and the last value differ from the mean: they meet at the last lag alone.
    x = [5.0, *[2.0] * 14, -1.0]
    assert_close(submission.acf(x, 15), [1.0, *[0.0] * 14, -0.5], **TIGHT, what=NAMES["acf"])


@pytest.mark.correctness("Estimator")
def test_trend(submission):
    """A straight line has the autocorrelations that the mean of the whole series gives, and not 1."""
    # Deviations -2, -1, 0, 1, 2: the sums are 10, 4, -1, -4, -4.
    found = submission.acf([10, 20, 30, 40, 50], 4)
    assert_close(found, [1, 0.4, -0.1, -0.4, -0.4], **TIGHT, what=NAMES["acf"])


@pytest.mark.correctness("Partial", "Lags")
@pytest.mark.parametrize("n_lags", [1, 2, 3, 10])
def test_partial_autocorrelation(submission, rng, n_lags):
    """The partial autocorrelation solves the Yule-Walker equations of each order."""
    assert_right(submission, "pacf", autoregression(rng, 60), n_lags)


@pytest.mark.correctness("Partial")
def test_partial_autocorrelation_of_high_orders(submission, rng):
    """The recursion goes on up to the highest order."""
    assert_right(submission, "pacf", rng.normal(size=24), 23, " at all lags")
    assert_right(submission, "pacf", autoregression(rng, 200), 80, " at 80 lags")


@pytest.mark.correctness("Partial", "Estimator")
def test_where_they_break_off(submission, rng):
    """In an autoregression of order 2 the partial autocorrelation breaks off after lag 2, the plain one does not."""
    x = autoregression(rng, 6000, 0.5, 0.4)
    partial, plain = np.asarray(submission.pacf(x, 6)), np.asarray(submission.acf(x, 6))
    # The standard error is about 0.013; the correlations are 5/6 at lag 1 and above 0.5 up to lag 6.
    assert_close(partial[1:], [5 / 6, 0.4, 0, 0, 0, 0], rtol=0.0, atol=0.09, what=NAMES["pacf"])
    assert_true((plain[1:] > 0.3).all(), "the autocorrelation of this series must not break off")
    assert_close(plain, correlations(x, 6), **TIGHT, what=NAMES["acf"])


@pytest.mark.correctness("Accuracy")
@pytest.mark.parametrize("name", BOTH)
def test_mirrors_and_moves(submission, rng, name):
    """Reading a series backwards, turning its sign, moving and stretching it changes nothing."""
    x = autoregression(rng, 50)
    expected = ORACLES[name](x, 8)
    for how, other in {
        "read backwards": x[::-1].copy(),
        "times -3": -3 * x,
        "plus 1000": x + 1000,
    }.items():
        assert_close(ask(submission, name, other, 8), expected, **TIGHT, what=f"{NAMES[name]} of a series {how}")


@pytest.mark.edge_case("Constant")
@pytest.mark.parametrize("name", BOTH)
def test_constant_series(submission, name):
    """A constant series gives 1 and then zeros, whether or not its mean is exact."""
    for value in (0, 7, 0.1, -1.7e30, 0.3):
        for n in (1, 3, 10, 49):
            found = ask(submission, name, [value] * n, n - 1)
            expected = [1.0, *[0.0] * (n - 1)]
            assert_close(found, expected, **TIGHT, what=f"{NAMES[name]} of {value} ({n} times)")
            assert_dtype(found, "float64", what=NAMES[name])
    # What varies on a small scale is not constant.
    small = [1e-9, 3e-9, -2e-9, 0.0, 4e-9]
    assert_close(ask(submission, name, small, 3), ORACLES[name](small, 3), **TIGHT, what=f"{NAMES[name]} of {small}")


@pytest.mark.edge_case("Lags", "Estimator")
@pytest.mark.parametrize("name", BOTH)
def test_shortest_series(submission, rng, name):
    """Two values, and the lag 0 alone, are answered as well."""
    assert_close(ask(submission, name, [3.0, 8.0], 1), [1.0, -0.5], **TIGHT, what=f"{NAMES[name]} of two values")
    assert_close(ask(submission, name, [3.0, 8.0, 1.0], 0), [1.0], **TIGHT, what=f"{NAMES[name]} without lags")
    assert_right(submission, name, [1.0, 2.0, 6.0], 2, " of three values")
    assert_right(submission, name, rng.normal(size=9), np.int64(8), " of nine values")


@pytest.mark.edge_case("Accuracy")
@pytest.mark.parametrize("name", BOTH)
def test_offsets_and_scales(submission, rng, name):
    """A large offset or an unusual scale does not spoil the digits."""
    x = autoregression(rng, 300)
    for scale in (1e-9, 1e-90, 1e90):
        found = ask(submission, name, x * scale, 6)
        assert_close(found, ORACLES[name](x, 6), **TIGHT, what=f"{NAMES[name]} of a series times {scale:g}")
    whole = np.round(16 * x)
    expected = ORACLES[name](whole, 6)
    found = ask(submission, name, whole + 1.6e9, 6)
    assert_close(found, expected, rtol=0.0, atol=1e-5, what=f"{NAMES[name]} of a series with a large offset")


@pytest.mark.edge_case("Input")
@pytest.mark.parametrize("name", BOTH)
def test_kinds_of_input(submission, rng, name):
    """Lists, integers of any width, float32 and strided arrays serve as well; short floats are worked on in float64."""
    whole = rng.integers(0, 100, size=40)
    for dtype in ("int8", "uint8", "int64"):
        assert_right(submission, name, whole.astype(dtype), 5, f" of {dtype}")
    assert_right(submission, name, whole.tolist(), 5, " of a list")
    assert_right(submission, name, (rng.normal(size=500) + 3000).astype("float32"), 5, " of float32")
    assert_right(submission, name, (rng.normal(size=100) + 30).astype("float16"), 5, " of float16")
    assert_right(submission, name, autoregression(rng, 90)[::-3], 5, " of every third value")


@pytest.mark.edge_case("Input")
@pytest.mark.parametrize("name", BOTH)
def test_argument_stays_as_it_was(submission, rng, name):
    """The series is not written to."""
    x = autoregression(rng, 30)
    seen = (submission.acf if name == "acf" else submission.pacf).observe(x, 4)
    assert_close(seen.value, ORACLES[name](x, 4), **TIGHT, what=NAMES[name])
    seen.assert_unchanged()


@pytest.mark.edge_case("Errors")
@pytest.mark.parametrize("name", BOTH)
def test_bad_input(submission, name):
    """No values, a table, NaN, infinity, and lags that do not exist raise ValueError."""
    for x, n_lags, when in [
        ([], 0, "there are no values"),
        (np.ones((4, 3)), 2, "x is a table"),
        (np.arange(6.0).reshape(6, 1), 2, "x has one column"),
        (3.0, 0, "x is a number"),
        ([1.0, math.nan, 2.0], 1, "a value is NaN"),
        ([1.0, 2.0, math.inf], 1, "a value is infinite"),
        ([math.inf] * 3, 1, "all values are infinite"),
        ([math.nan], 0, "the only value is NaN"),
        ([1.0, 2.0, 4.0], 3, "n_lags is the number of values"),
        ([1.0, 2.0, 4.0], 10, "n_lags is larger than the number of values"),
        ([1.0, 2.0, 4.0], -1, "n_lags is -1"),
        ([5.0, 5.0], 2, "n_lags is the number of values in a constant series"),
    ]:
        with raises(ValueError, when=f"{when} in {name}"):
            ask(submission, name, x, n_lags)


def long_series(rng, n):
    return np.cumsum(rng.normal(size=n)) / 30 + rng.normal(size=n), n - 1


def judge_some(found, x, n_lags):
    """A few lags, and the rule that the correlations of all pairs sum to 0."""
    centred = x - x.mean()
    lags = [0, 1, 2, 77, len(x) // 3, len(x) - 1]
    sums = np.array([centred[: len(x) - lag] @ centred[lag:] for lag in lags])
    assert_close(np.asarray(found)[lags], sums / sums[0], **TIGHT, what="the autocorrelation at some lags")
    total = 1 + 2 * float(np.sum(found[1:]))
    assert_close(total, 0.0, rtol=0.0, atol=1e-4, what="the sum of the correlations at all lags, negative ones too,")


@pytest.mark.performance("Speed")
def test_growth(submission, measure):
    """The time for all lags grows like n log n, not like n squared."""
    hint = "all lags at once come from a Fourier transform"
    measure.growth("acf", long_series, (4_000, 60_000, 250_000), at_most=0.25, judge=judge_some, hint=hint)


@pytest.mark.performance("Speed")
def test_cpu_time(submission, measure):
    """125,000 values with all lags take at most 50 times the CPU time of our own solution."""
    hint = "all lags at once come from a Fourier transform"
    measure.cpu_ratio("acf", lambda rng: long_series(rng, 125_000), at_most=50, judge=judge_some, hint=hint)
