"""scipy's quantiles, and the groups as shares of all users; sizes come back as numpy integers."""

import numpy as np
from scipy import stats


def sample_size(baseline, effect, *, relative=False, alpha=0.05, power=0.8, ratio=1.0, two_sided=True):
    rates = check(baseline, effect, relative, alpha)
    if not (alpha < power < 1 and 0 < ratio < np.inf):
        raise ValueError("design out of range")
    shares = np.array([1, ratio]) / (1 + ratio)
    null, alternative = variances(rates, shares)
    z = stats.norm.isf(alpha / (2 if two_sided else 1)) * np.sqrt(null) + stats.norm.ppf(power) * np.sqrt(alternative)
    total = (z / np.diff(rates)[0]) ** 2
    return tuple(np.ceil(total * shares).astype(np.int64))


def achieved_power(baseline, effect, n_control, n_treatment, *, relative=False, alpha=0.05, two_sided=True):
    rates = check(baseline, effect, relative, alpha)
    sizes = np.array([n_control, n_treatment], dtype=float)
    if sizes.min() < 1:
        raise ValueError("a group is empty")
    null, alternative = variances(rates, sizes / sizes.sum())
    z = stats.norm.isf(alpha / (2 if two_sided else 1))
    return stats.norm.cdf((np.ptp(rates) * np.sqrt(sizes.sum()) - z * np.sqrt(null)) / np.sqrt(alternative))


def check(baseline, effect, relative, alpha):
    rates = np.array([baseline, baseline * (1 + effect) if relative else baseline + effect])
    if not ((rates > 0) & (rates < 1)).all() or rates[0] == rates[1] or not 0 < alpha < 1:
        raise ValueError("rates or alpha out of range")
    return rates


def variances(rates, shares):
    """Of the difference, for one user in all."""
    pooled = rates @ shares
    return (pooled * (1 - pooled) / shares).sum(), (rates * (1 - rates) / shares).sum()
