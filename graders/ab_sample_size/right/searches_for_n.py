"""No closed form for the size: it is searched for, with a quantile and a distribution function from erf."""

import math


def rates(baseline, effect, relative, alpha):
    new = baseline + (baseline * effect if relative else effect)
    for rate in (baseline, new):
        if math.isnan(rate) or rate <= 0 or rate >= 1:
            raise ValueError("a rate lies outside of 0 to 1")
    if new == baseline:
        raise ValueError("there is no effect")
    if math.isnan(alpha) or alpha <= 0 or alpha >= 1:
        raise ValueError("alpha lies outside of 0 to 1")
    return baseline, new


def distribution(x):
    return 0.5 * math.erfc(-x / math.sqrt(2))


def critical(tail):
    low, high = -40.0, 40.0
    while True:
        middle = (low + high) / 2
        if middle in (low, high):
            return middle
        if distribution(-middle) > tail:
            low = middle
        else:
            high = middle


def power_for(p1, p2, n1, n2, z):
    together = (n1 * p1 + n2 * p2) / (n1 + n2)
    se0 = math.sqrt(together * (1 - together) / n1 + together * (1 - together) / n2)
    se1 = math.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    return distribution((abs(p2 - p1) - z * se0) / se1)


def sample_size(baseline, effect, *, relative=False, alpha=0.05, power=0.8, ratio=1.0, two_sided=True):
    p1, p2 = rates(baseline, effect, relative, alpha)
    if not (power > alpha and power < 1) or not (ratio > 0) or math.isinf(ratio):
        raise ValueError("power or ratio out of range")
    z = critical(alpha / 2) if two_sided else critical(alpha)
    low, high = 1e-9, 1.0
    while power_for(p1, p2, high, ratio * high, z) < power:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        if power_for(p1, p2, middle, ratio * middle, z) < power:
            low = middle
        else:
            high = middle
    return int(high) + 1, int(ratio * high) + 1


def achieved_power(baseline, effect, n_control, n_treatment, *, relative=False, alpha=0.05, two_sided=True):
    p1, p2 = rates(baseline, effect, relative, alpha)
    if n_control < 1 or n_treatment < 1:
        raise ValueError("a group is empty")
    return power_for(p1, p2, n_control, n_treatment, critical(alpha / 2) if two_sided else critical(alpha))
