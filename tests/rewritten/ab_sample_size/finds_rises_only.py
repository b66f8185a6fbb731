"""As graders/ab_sample_size/wrong/finds_rises_only.py, in another hand."""

import math

from scipy.stats import norm


def rates(baseline, effect, relative):
    old = float(baseline)
    new = old * (1 + float(effect)) if relative else old + float(effect)
    if not 0 < old < 1 or not 0 < new < 1 or old == new:
        raise ValueError("rates must differ and lie between 0 and 1")
    return old, new


def critical(alpha, two_sided):
    if not 0 < alpha < 1:
        raise ValueError("alpha must lie between 0 and 1")
    return norm.isf(alpha / 2) if two_sided else norm.isf(alpha)


def sample_size(baseline, effect, *, relative=False, alpha=0.05, power=0.8, ratio=1.0, two_sided=True):
    old, new = rates(baseline, effect, relative)
    z_alpha = critical(alpha, two_sided)
    if not alpha < power < 1:
        raise ValueError("power must lie between alpha and 1")
    if not (ratio > 0 and math.isfinite(ratio)):
        raise ValueError("ratio must be positive and finite")
    z_power = norm.ppf(power)
    pooled = (old + ratio * new) / (1 + ratio)
    null = math.sqrt(pooled * (1 - pooled) * (1 + 1 / ratio))
    alternative = math.sqrt(old * (1 - old) + new * (1 - new) / ratio)
    n = (z_alpha * null + z_power * alternative) ** 2 / (new - old) ** 2
    return math.ceil(n), math.ceil(n * ratio)


def achieved_power(baseline, effect, n_control, n_treatment, *, relative=False, alpha=0.05, two_sided=True):
    old, new = rates(baseline, effect, relative)
    z_alpha = critical(alpha, two_sided)
    if not min(n_control, n_treatment) >= 1 or n_control != n_control or n_treatment != n_treatment:
        raise ValueError("a group is empty")
    pooled = (n_control * old + n_treatment * new) / (n_control + n_treatment)
    null = math.sqrt(pooled * (1 - pooled) * (1 / n_control + 1 / n_treatment))
    alternative = math.sqrt(old * (1 - old) / n_control + new * (1 - new) / n_treatment)
    return float(norm.cdf(((new - old) - z_alpha * null) / alternative))
