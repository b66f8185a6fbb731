"""As graders/ab_sample_size/wrong/rounds_treatment_twice.py, in another hand."""

import math

from scipy.stats import norm


def rates(baseline, effect, relative):
    p = float(baseline)
    q = p * (1 + float(effect)) if relative else p + float(effect)
    if not 0 < p < 1 or not 0 < q < 1 or p == q:
        raise ValueError("rates must differ and lie between 0 and 1")
    return p, q


def critical(alpha, two_sided):
    if not 0 < alpha < 1:
        raise ValueError("alpha must lie between 0 and 1")
    return norm.isf(alpha / 2) if two_sided else norm.isf(alpha)


def sample_size(baseline, effect, *, relative=False, alpha=0.05, power=0.8, ratio=1.0, two_sided=True):
    p, q = rates(baseline, effect, relative)
    z_alpha = critical(alpha, two_sided)
    if not alpha < power < 1:
        raise ValueError("power must lie between alpha and 1")
    if not (ratio > 0 and math.isfinite(ratio)):
        raise ValueError("ratio must be positive and finite")
    z_power = norm.ppf(power)
    middle = (p + ratio * q) / (1 + ratio)
    null = math.sqrt(middle * (1 - middle) * (1 + 1 / ratio))
    alternative = math.sqrt(p * (1 - p) + q * (1 - q) / ratio)
    n = (z_alpha * null + z_power * alternative) ** 2 / (q - p) ** 2
    n_control = math.ceil(n)
    return n_control, math.ceil(n_control * ratio)


def achieved_power(baseline, effect, n_control, n_treatment, *, relative=False, alpha=0.05, two_sided=True):
    p, q = rates(baseline, effect, relative)
    z_alpha = critical(alpha, two_sided)
    if not min(n_control, n_treatment) >= 1 or n_control != n_control or n_treatment != n_treatment:
        raise ValueError("a group is empty")
    middle = (n_control * p + n_treatment * q) / (n_control + n_treatment)
    null = math.sqrt(middle * (1 - middle) * (1 / n_control + 1 / n_treatment))
    alternative = math.sqrt(p * (1 - p) / n_control + q * (1 - q) / n_treatment)
    return float(norm.cdf((abs(q - p) - z_alpha * null) / alternative))
