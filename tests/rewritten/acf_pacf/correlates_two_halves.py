"""As graders/acf_pacf/wrong/correlates_two_halves.py, in another hand."""

import numpy as np


def acf(x, n_lags):
    series = np.array(x, dtype=float)
    if series.ndim != 1 or series.size == 0 or not np.isfinite(series).all():
        raise ValueError("a flat series of finite numbers is needed")
    if n_lags < 0 or n_lags >= series.size:
        raise ValueError("so many lags the series does not have")
    if series.min() == series.max():
        return np.array([1.0] + [0.0] * n_lags)
    result = [1.0]
    for k in range(1, n_lags + 1):
        early, late = series[:-k], series[k:]
        varies = early.std() > 0 and late.std() > 0
        result.append(np.corrcoef(early, late)[0, 1] if varies else 0.0)
    return np.array(result)


def pacf(x, n_lags):
    r = acf(x, n_lags)
    result, coefficients, error = [1.0], [], 1.0
    for k in range(1, n_lags + 1):
        news = r[k] - sum(c * r[k - j] for j, c in enumerate(coefficients, start=1))
        last = news / error
        coefficients = [c - last * d for c, d in zip(coefficients, coefficients[::-1], strict=True)] + [last]
        error *= 1 - last**2
        result.append(last)
    return np.array(result, dtype=float)
