"""Hidden checks of ab_sample_size."""

import functools
import math

import numpy as np
import pytest

from mlkata.compare import assert_close, assert_equal, assert_true, assert_type, raises

WAIVED = {
    "clears_nan:sample_size": "0 in place of NaN is refused as well",
    "clears_nan:achieved_power": "0 in place of NaN is refused as well",
}


def phi(z):
    return math.erfc(-z / math.sqrt(2)) / 2


def bisect(rising, low, high):
    """Where a rising function goes through zero."""
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return high


@functools.lru_cache
def tail_quantile(tail):
    """The z beyond which the normal distribution has this much, at most a half of it."""
    return bisect(lambda z: tail - phi(-z), 0.0, 20.0)


def power_of(p1, p2, n1, n2, alpha=0.05, *, two_sided=True):
    """The power, from the variances of the two means."""
    alpha = alpha / 2 if two_sided else alpha
    z = tail_quantile(alpha) if alpha <= 0.5 else -tail_quantile(1 - alpha)
    both = (n1 * p1 + n2 * p2) / (n1 + n2)
    without_effect = both * (1 - both) / n1 + both * (1 - both) / n2
    with_effect = p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2
    return phi((abs(p2 - p1) - z * math.sqrt(without_effect)) / math.sqrt(with_effect))


def exact_size(p1, p2, *, alpha=0.05, power=0.8, ratio=1.0, two_sided=True):
    """The size of control, not rounded, at which the power is what was asked for: found by bisection."""
    log_n = bisect(
        lambda log_n: power_of(p1, p2, math.exp(log_n), ratio * math.exp(log_n), alpha, two_sided=two_sided) - power,
        -10.0,
        40.0,
    )
    return math.exp(log_n)


def rounded_up(n, ratio=1.0):
    return math.ceil(n), math.ceil(ratio * n)


def is_clear(number):
    """Neither just above a whole number nor just below one."""
    return 0.02 < number % 1 < 0.98


def draw(rng, **fixed):
    """Two rates, options, and the exact size of control, which lies clear of whole numbers."""
    while True:
        p1 = rng.uniform(0.03, 0.9)
        effect = rng.uniform(0.01, 0.12) * rng.choice([-1, 1])
        options = {
            "alpha": rng.uniform(0.01, 0.2),
            "power": rng.uniform(0.6, 0.97),
            "ratio": rng.uniform(0.3, 3.0),
        } | fixed
        if 0.01 < p1 + effect < 0.99:
            n = exact_size(p1, p1 + effect, **options)
            if is_clear(n) and is_clear(options["ratio"] * n):
                return float(p1), float(effect), {key: float(value) for key, value in options.items()}, n


@pytest.mark.correctness("Formula", "Quantiles", "Rates")
def test_designs_with_equal_groups(submission, rng):
    """Both groups are as large as the formula says, for rises and drops, whatever alpha and power."""
    for _ in range(6):
        p1, effect, options, n = draw(rng, ratio=1.0)
        del options["ratio"]
        assert_equal(submission.sample_size(p1, effect, **options), rounded_up(n), what="the pair of sizes")


@pytest.mark.correctness("Formula", "Quantiles")
def test_five_percent_and_half_a_point(submission):
    """From 5 % to 5.5 % with the default alpha and power takes 31,234 users a group."""
    assert_equal(submission.sample_size(0.05, 0.005), (31234, 31234), what="the pair of sizes")


@pytest.mark.correctness("Relative", "Power")
def test_relative_effects(submission, rng):
    """A relative effect is a share of the baseline."""
    found = submission.sample_size(0.05, 0.1, relative=True)
    assert_equal(found, (31234, 31234), what="the pair of sizes", hint="10 % of 5 % are half a percentage point")
    expected = rounded_up(exact_size(0.002, 0.005))
    found = submission.sample_size(0.002, 1.5, relative=True)
    assert_equal(found, expected, what="the pair of sizes", hint="0.002 and one and a half times that are 0.005")
    for _ in range(3):
        p1, effect, options, n = draw(rng)
        found = submission.sample_size(p1, effect / p1, relative=True, **options)
        assert_equal(found, rounded_up(n, options["ratio"]), what="the pair of sizes")
        expected = power_of(p1, p1 + effect, 400, 300, options["alpha"])
        found = submission.achieved_power(p1, effect / p1, 400, 300, relative=True, alpha=options["alpha"])
        assert_close(found, expected, rtol=1e-9, atol=1e-9, what="the power")


@pytest.mark.correctness("Ratio", "Formula", "Rounding")
def test_unequal_groups(submission, rng):
    """With groups of unequal sizes the larger one weighs more in the pooled rate and has the smaller variance."""
    # Control needs 107.77 users, treatment 431.08.
    assert_equal(submission.sample_size(0.4, 0.15, ratio=4), (108, 432), what="the pair of sizes with ratio = 4")
    for fixed in ({}, {}, {}, {"ratio": 0.04}, {"ratio": 130.0}):
        p1, effect, options, n = draw(rng, **fixed)
        found = submission.sample_size(p1, effect, **options)
        assert_equal(found, rounded_up(n, options["ratio"]), what="the pair of sizes")


@pytest.mark.correctness("Ratio", "Rounding")
def test_treatment_is_rounded_on_its_own(submission):
    """Treatment gets ratio times the number before rounding, rounded up, so that fractions do not add up."""
    for p1, effect, ratio in ((0.1, 0.05, 2), (0.4, 0.15, 3), (0.4, 0.2, 3.0), (0.25, -0.05, 2.0)):
        n = exact_size(p1, p1 + effect, ratio=ratio)
        expected = rounded_up(n, ratio)
        found = submission.sample_size(p1, effect, ratio=ratio)
        assert_equal(found, expected, what=f"the pair of sizes with ratio = {ratio:g}")


@pytest.mark.correctness("Quantiles", "Power")
def test_one_sided(submission, rng):
    """A test with one side has all of alpha on the side of the effect, up or down, and needs fewer users."""
    for _ in range(4):
        p1, effect, options, _ = draw(rng)
        n = exact_size(p1, p1 + effect, two_sided=False, **options)
        if is_clear(n) and is_clear(n * options["ratio"]):
            found = submission.sample_size(p1, effect, two_sided=False, **options)
            assert_equal(found, rounded_up(n, options["ratio"]), what="the pair of sizes with one side")
        alpha = options["alpha"]
        expected = power_of(p1, p1 + effect, 250, 400, alpha, two_sided=False)
        found = submission.achieved_power(p1, effect, 250, 400, alpha=alpha, two_sided=False)
        assert_close(found, expected, rtol=1e-9, atol=1e-9, what="the power with one side")
    found = submission.achieved_power(0.4, -0.1, 200, 300, two_sided=False)
    expected = power_of(0.4, 0.3, 200, 300, 0.05, two_sided=False)
    assert_close(found, expected, rtol=1e-9, atol=1e-9, what="the power with one side to find a drop")
    assert_equal(
        submission.sample_size(0.05, -0.005, two_sided=False), (22377, 22377), what="the pair of sizes for a drop"
    )


@pytest.mark.correctness("Rounding", "Formula")
def test_one_user_fewer_is_too_few(submission, rng):
    """The sizes are the smallest that reach the power: rounding down, or to the nearest, misses it."""
    for effect in [*rng.uniform(0.05, 0.2, size=6), 0.15]:
        found = submission.sample_size(0.25, effect, power=0.8)
        n, _ = map(int, found)
        enough = power_of(0.25, 0.25 + effect, n, n) >= 0.8 - 1e-9
        assert_true(enough, "groups of the size that is returned must reach the power", f"{n} users a group")
        fewer = power_of(0.25, 0.25 + effect, n - 1, n - 1) < 0.8 + 1e-9
        assert_true(fewer, "groups with one user fewer must not reach the power", f"{n} users a group")


@pytest.mark.correctness("Power", "Rates")
def test_achieved_power(submission, rng):
    """The power of given groups, of equal and of unequal size, for rises and drops."""
    for _ in range(6):
        p1, effect, options, _ = draw(rng)
        n1, n2 = (int(n) for n in rng.integers(40, 2000, size=2))
        found = submission.achieved_power(p1, effect, n1, n2, alpha=options["alpha"])
        expected = power_of(p1, p1 + effect, n1, n2, options["alpha"])
        assert_close(found, expected, rtol=1e-9, atol=1e-9, what="the power")
    found = submission.achieved_power(0.4, -0.1, 200, 300, alpha=0.1)
    assert_close(found, power_of(0.4, 0.3, 200, 300, 0.1), rtol=1e-9, atol=1e-9, what="the power to find a drop")
    found = submission.achieved_power(0.3, 0.1, 200, 300)
    assert_close(found, power_of(0.3, 0.4, 200, 300), rtol=1e-9, atol=1e-9, what="the power with the default alpha")


@pytest.mark.edge_case("Rates", "Ratio")
def test_roles_can_be_exchanged(submission, rng):
    """Counting those who do not buy, or calling treatment control, changes no group's size."""
    for _ in range(3):
        p1, effect, options, n = draw(rng)
        n1, n2 = rounded_up(n, options["ratio"])
        found = submission.sample_size(1 - p1, -effect, **options)
        assert_equal(found, (n1, n2), what="the pair of sizes for those who do not buy")
        exchanged = submission.sample_size(p1 + effect, -effect, **options | {"ratio": 1 / options["ratio"]})
        assert_equal(exchanged, (n2, n1), what="the pair of sizes with the groups exchanged")


# Of control are needed 39,596,808.27 and 43,604,882.31 and 15,761,874.43 and 117,590.74 and 3.34 and 2.86 users.
EXTREME = [
    (0.001, 0.00002, {}),
    (0.5, 0.0003, {}),
    (0.02, 0.0004, {"alpha": 1e-6, "power": 0.999}),
    (0.999, -0.0004, {}),
    (0.05, 0.9, {}),
    (0.03, 0.94, {}),
]


@pytest.mark.edge_case("Quantiles", "Formula")
def test_large_and_small_groups(submission):
    """Tiny effects need the exact quantiles, and huge effects leave a handful of users."""
    for p1, effect, options in EXTREME:
        expected = rounded_up(exact_size(p1, p1 + effect, **options))
        found = submission.sample_size(p1, effect, **options)
        assert_equal(found, expected, what=f"the pair of sizes for {p1:g} and {effect:+g}")


@pytest.mark.edge_case("Formula", "Power", "Errors")
def test_power_below_a_half(submission):
    """Any power between alpha and 1 is allowed, below a half too, where its quantile is negative."""
    for alpha, power in ((0.05, 0.3), (0.01, 0.04), (0.7, 0.9)):
        expected = rounded_up(exact_size(0.3, 0.36, alpha=alpha, power=power))
        found = submission.sample_size(0.3, 0.06, alpha=alpha, power=power)
        assert_equal(found, expected, what=f"the pair of sizes with alpha = {alpha} and power = {power}")
    found = submission.achieved_power(0.3, 0.02, 50, 60)
    assert_close(found, power_of(0.3, 0.32, 50, 60), rtol=1e-9, atol=1e-9, what="the power of tiny groups")
    found = submission.achieved_power(0.3, 0.1, 1, 1, alpha=0.6)
    assert_close(found, power_of(0.3, 0.4, 1, 1, 0.6), rtol=1e-9, atol=1e-9, what="the power of one user a group")


@pytest.mark.edge_case("Result", "Formula", "Power")
def test_types(submission):
    """Numbers of numpy serve as well as those of Python, and sizes are integers."""
    plain, power = (294, 294), power_of(0.2, 0.3, 294, 300)
    for kind in (float, np.float64):
        pair = submission.sample_size(kind(0.2), kind(0.1), alpha=kind(0.05), power=kind(0.8), ratio=kind(1))
        assert_equal(pair, plain, what="the pair of sizes")
        assert_type(pair[0], (int, np.integer), what="the size of control")
        assert_type(pair[1], (int, np.integer), what="the size of treatment")
    assert_equal(submission.sample_size(0.2, 0.1, ratio=1), plain, what="the pair of sizes with the ratio 1")
    for sizes in ((294, 300), (np.int64(294), np.int64(300))):
        assert_close(submission.achieved_power(0.2, 0.1, *sizes), power, rtol=1e-9, atol=1e-9, what="the power")


REFUSED = [
    ((0.0, 0.1), {}, "the baseline is 0"),
    ((1.0, -0.1), {}, "the baseline is 1"),
    ((-0.1, 0.3), {}, "the baseline is negative"),
    ((5.0, 0.5), {}, "the baseline is 5"),
    ((0.9, 0.2), {}, "the rate of treatment is 1.1"),
    ((0.75, 0.25), {}, "the rate of treatment is 1"),
    ((0.25, -0.25), {}, "the rate of treatment is 0"),
    ((0.6, 0.8), {"relative": True}, "the relative effect makes 1.08 of 0.6"),
    ((0.3, -1.0), {"relative": True}, "the relative effect makes nothing of 0.3"),
    ((0.3, 0.0), {}, "the effect is 0"),
    ((0.3, 0.0), {"relative": True}, "the relative effect is 0"),
    ((0.3, 0.1), {"alpha": 0.0}, "alpha is 0"),
    ((0.3, 0.1), {"alpha": 1.0}, "alpha is 1"),
    ((0.3, 0.1), {"alpha": 1.5}, "alpha is 1.5"),
    ((0.3, 0.1), {"alpha": 5}, "alpha is 5"),
    ((0.3, 0.1), {"alpha": -0.05}, "alpha is negative"),
    ((0.3, 0.1), {"alpha": 1.2, "two_sided": False}, "alpha is 1.2 and the test has one side"),
    ((math.nan, 0.1), {}, "the baseline is NaN"),
    ((0.3, math.nan), {}, "the effect is NaN"),
    ((0.3, 0.1), {"alpha": math.nan}, "alpha is NaN"),
]


@pytest.mark.edge_case("Errors")
def test_bad_arguments(submission):
    """Rates outside of 0 to 1, no effect, NaN and an alpha out of range raise ValueError, in both functions."""
    for args, options, when in REFUSED:
        with raises(ValueError, when=when):
            submission.sample_size(*args, **options)
        with raises(ValueError, when=f"{when} in achieved_power"):
            submission.achieved_power(*args, 100, 100, **options)


@pytest.mark.edge_case("Errors")
def test_bad_designs(submission):
    """A power at or below alpha, a ratio out of range, and empty groups raise ValueError."""
    for name, values in {
        "power": (1.0, 0.0, 0.05, 0.02, 80, math.nan),
        "ratio": (0, -1.0, math.nan, math.inf),
    }.items():
        for value in values:
            with raises(ValueError, when=f"{name} is {value}"):
                submission.sample_size(0.3, 0.1, **{name: value})
    for alpha, power in ((0.1, 0.1), (0.1, 0.08), (0.3, 0.2)):
        with raises(ValueError, when=f"power is {power} and alpha is {alpha}"):
            submission.sample_size(0.3, 0.1, alpha=alpha, power=power)
    for sizes in ((0, 100), (100, 0), (-5, 100), (0.5, 100), (100, 0.25)):
        with raises(ValueError, when=f"the groups have {sizes[0]} and {sizes[1]} users"):
            submission.achieved_power(0.3, 0.1, *sizes)
