"""As graders/ab_sample_size/wrong/ratio_of_control_to_treatment.py, in another hand."""

import math
from statistics import NormalDist

Z = NormalDist()


def variance(p):
    return p * (1 - p)


class Design:
    def __init__(self, baseline, effect, relative, alpha, two_sided):
        step = baseline * effect if relative else effect
        old, new = baseline, baseline + step
        if not 0 < old < 1 or not 0 < new < 1 or old == new:
            raise ValueError("rates must differ and lie between 0 and 1")
        if not 0 < alpha < 1:
            raise ValueError("alpha must lie between 0 and 1")
        self.old, self.new, self.gap = old, new, abs(new - old)
        self.z = Z.inv_cdf(1 - (alpha / 2 if two_sided else alpha))

    def roots(self, w_old, w_new):
        share = w_old / (w_old + w_new)
        pooled = share * self.old + (1 - share) * self.new
        without = variance(pooled) / w_old + variance(pooled) / w_new
        with_effect = variance(self.old) / w_old + variance(self.new) / w_new
        return math.sqrt(without), math.sqrt(with_effect)


def sample_size(baseline, effect, *, relative=False, alpha=0.05, power=0.8, ratio=1.0, two_sided=True):
    design = Design(baseline, effect, relative, alpha, two_sided)
    if not alpha < power < 1:
        raise ValueError("power must lie between alpha and 1")
    if not (ratio > 0 and math.isfinite(ratio)):
        raise ValueError("ratio must be positive and finite")
    s0, s1 = design.roots(1, 1 / ratio)
    n = ((design.z * s0 + Z.inv_cdf(power) * s1) / design.gap) ** 2
    return math.ceil(n), math.ceil(n / ratio)


def achieved_power(baseline, effect, n_control, n_treatment, *, relative=False, alpha=0.05, two_sided=True):
    design = Design(baseline, effect, relative, alpha, two_sided)
    if not min(n_control, n_treatment) >= 1 or n_control != n_control or n_treatment != n_treatment:
        raise ValueError("a group is empty")
    s0, s1 = design.roots(n_control, n_treatment)
    return Z.cdf((design.gap - design.z * s0) / s1)
