"""How many users an A/B test of two rates needs, and the power that given groups have."""


def sample_size(baseline, effect, *, relative=False, alpha=0.05, power=0.8, ratio=1.0, two_sided=True):
    """Users in each group, so that a z-test of two proportions finds the effect with the power that is asked for.

    With the rates ``p1`` and ``p2`` of control and treatment, ``q = 1 - p``, ``k = ratio`` and the pooled rate
    ``p = (p1 + k * p2) / (1 + k)``, control needs
    ``(z_alpha * sqrt((1 + 1 / k) * p * q) + z_power * sqrt(p1 * q1 + p2 * q2 / k)) ** 2 / (p2 - p1) ** 2`` users.

    Parameters
    ----------
    baseline : float
        The rate of control, strictly between 0 and 1.
    effect : float
        How far the rate of treatment lies from it, up or down: ``p2 = baseline + effect``.
    relative : bool, default False
        The effect is a share of the baseline instead: ``p2 = baseline * (1 + effect)``.
    alpha : float, default 0.05
        Probability of a false alarm, both sides together where the test has two.
    power : float, default 0.8
        Probability of finding the effect, between `alpha` and 1.
    ratio : float, default 1.0
        Users of treatment for each one of control.
    two_sided : bool, default True
        Whether half of `alpha` lies on each side, or all of it on the side of the effect.

    Returns
    -------
    n_control, n_treatment : int
        The number above and `ratio` times the number above, each rounded up.

    Raises
    ------
    ValueError
        A rate outside of 0 to 1 or at its ends, no effect, `alpha`, `power` or `ratio` out of range, or NaN.

    References
    ----------
    Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, third edition, 2003, chapter 4.

    Examples
    --------
    >>> sample_size(0.25, 0.15)
    (152, 152)
    """
    raise NotImplementedError("implement sample_size")


def achieved_power(baseline, effect, n_control, n_treatment, *, relative=False, alpha=0.05, two_sided=True):
    """Probability that groups of these sizes find the effect.

    The formula of `sample_size` solved for the power: ``Phi((|p2 - p1| - z_alpha * se0) / se1)``, where
    ``se0 ** 2 = p * q * (1 / n_control + 1 / n_treatment)`` with the rate ``p`` of both groups together, and
    ``se1 ** 2 = p1 * q1 / n_control + p2 * q2 / n_treatment``.

    Parameters
    ----------
    baseline, effect, relative, alpha, two_sided
        As for `sample_size`.
    n_control, n_treatment : int
        Users in each group, at least 1.

    Returns
    -------
    float
        Between 0 and 1.

    Raises
    ------
    ValueError
        As for `sample_size`, or a group without users.

    Examples
    --------
    >>> round(achieved_power(0.25, 0.15, 152, 152), 4)
    0.8003
    """
    raise NotImplementedError("implement achieved_power")
