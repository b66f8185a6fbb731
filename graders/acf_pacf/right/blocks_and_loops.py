"""Correlations summed up from pairs of blocks, each by a transform; the recursion as plain loops over Python floats."""

import math

import numpy as np


def acf(x, n_lags):
    values = np.asarray(x)
    if values.ndim != 1 or len(values) == 0:
        raise ValueError("not a series")
    values = values.astype(np.float64)
    if not math.isfinite(values.min()) or not math.isfinite(values.max()):
        raise ValueError("NaN or infinity")
    if n_lags not in range(len(values)):
        raise ValueError("lags out of range")
    spread = values - math.fsum(values) / len(values)
    # Rounding leaves a constant with deviations far below one part in 1e14 of itself.
    if np.abs(spread).max() <= 1e-15 * np.abs(values).max():
        return np.array([1.0] + [0.0] * n_lags)
    half = (len(spread) + 1) // 2
    first, second = spread[:half], spread[half:]
    size = 2 * half
    one, other = np.fft.rfft(first, size), np.fft.rfft(second, size)
    within = np.fft.irfft(one * one.conj() + other * other.conj(), size)
    between = np.fft.irfft(one.conj() * other, size)  # at the shift s, and at size + s where s is negative
    sums = np.zeros(2 * size)
    sums[:half] += within[:half]
    for shift in (slice(0, half), slice(half, size)):
        at = np.arange(size)[shift]
        lag = np.where(at < half, at, at - size) + half
        sums[lag] += between[shift]
    sums = sums[: n_lags + 1]
    return sums / sums[0]


def pacf(x, n_lags):
    r = acf(x, n_lags).tolist()
    partial, old, variance = [1.0], [], 1.0
    for k in range(1, n_lags + 1):
        missed = r[k]
        for j in range(1, k):
            missed -= old[j - 1] * r[k - j]
        last = missed / variance
        new = [old[j] - last * old[k - 2 - j] for j in range(k - 1)]
        new.append(last)
        variance *= 1 - last * last
        partial.append(last)
        old = new
    return np.array(partial)
