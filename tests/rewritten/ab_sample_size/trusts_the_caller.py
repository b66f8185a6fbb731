"""As graders/ab_sample_size/wrong/trusts_the_caller.py, in another hand."""

import math

from scipy.stats import norm


def both_rates(baseline, effect, relative):
    old = float(baseline)
    new = old * (1 + float(effect)) if relative else old + float(effect)
    return old, new


def quantile(alpha, two_sided):
    return norm.isf(alpha / 2) if two_sided else norm.isf(alpha)


def sample_size(baseline, effect, *, relative=False, alpha=0.05, power=0.8, ratio=1.0, two_sided=True):
    old, new = both_rates(baseline, effect, relative)
    z_alpha = quantile(alpha, two_sided)
    z_power = norm.ppf(power)
    middle = (old + ratio * new) / (1 + ratio)
    null = math.sqrt(middle * (1 - middle) * (1 + 1 / ratio))
    alternative = math.sqrt(old * (1 - old) + new * (1 - new) / ratio)
    n = (z_alpha * null + z_power * alternative) ** 2 / (new - old) ** 2
    return math.ceil(n), math.ceil(n * ratio)


def achieved_power(baseline, effect, n_control, n_treatment, *, relative=False, alpha=0.05, two_sided=True):
    old, new = both_rates(baseline, effect, relative)
    z_alpha = quantile(alpha, two_sided)
    middle = (n_control * old + n_treatment * new) / (n_control + n_treatment)
    null = math.sqrt(middle * (1 - middle) * (1 / n_control + 1 / n_treatment))
    alternative = math.sqrt(old * (1 - old) / n_control + new * (1 - new) / n_treatment)
    return float(norm.cdf((abs(new - old) - z_alpha * null) / alternative))
