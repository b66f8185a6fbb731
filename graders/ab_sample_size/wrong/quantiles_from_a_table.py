"""Quantiles with two decimals, as a table has them, are good enough."""

import math
from statistics import NormalDist

CAUGHT_BY = ("test_large_and_small_groups", "test_five_percent_and_half_a_point")


def sample_size(baseline, effect, *, relative=False, alpha=0.05, power=0.8, ratio=1.0, two_sided=True):
    p1, p2, z_alpha = _design(baseline, effect, relative, alpha, two_sided)
    if not alpha < power < 1:
        raise ValueError(f"power must be between alpha and 1, found {power!r}")
    if not 0 < ratio < math.inf:
        raise ValueError(f"ratio must be above 0 and finite, found {ratio!r}")
    pooled = (p1 + ratio * p2) / (1 + ratio)
    under_null = math.sqrt((1 + 1 / ratio) * pooled * (1 - pooled))
    under_effect = math.sqrt(p1 * (1 - p1) + p2 * (1 - p2) / ratio)
    n = ((z_alpha * under_null + round(NormalDist().inv_cdf(power), 2) * under_effect) / (p2 - p1)) ** 2
    return math.ceil(n), math.ceil(ratio * n)


def achieved_power(baseline, effect, n_control, n_treatment, *, relative=False, alpha=0.05, two_sided=True):
    p1, p2, z_alpha = _design(baseline, effect, relative, alpha, two_sided)
    if not (n_control >= 1 and n_treatment >= 1):
        raise ValueError(f"each group needs a user, found {n_control!r} and {n_treatment!r}")
    pooled = (n_control * p1 + n_treatment * p2) / (n_control + n_treatment)
    under_null = math.sqrt(pooled * (1 - pooled) * (1 / n_control + 1 / n_treatment))
    under_effect = math.sqrt(p1 * (1 - p1) / n_control + p2 * (1 - p2) / n_treatment)
    return NormalDist().cdf((abs(p2 - p1) - z_alpha * under_null) / under_effect)


def _design(baseline, effect, relative, alpha, two_sided):
    p1 = baseline
    p2 = baseline * (1 + effect) if relative else baseline + effect
    if not (0 < p1 < 1 and 0 < p2 < 1 and p1 != p2):
        raise ValueError(f"expected two different rates between 0 and 1, found {p1!r} and {p2!r}")
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must be between 0 and 1, found {alpha!r}")
    return p1, p2, round(NormalDist().inv_cdf(1 - alpha / 2 if two_sided else 1 - alpha), 2)
