"""The equations of each order are solved on their own; the transform has the shortest length that will do."""

import numpy as np


def acf(x, n_lags):
    x = np.array(x, dtype=float)
    n = x.size
    if x.ndim != 1 or n == 0 or np.isnan(x).any() or np.isinf(x).any() or n_lags < 0 or n_lags > n - 1:
        raise ValueError("bad series or lags")
    if x.max() == x.min():
        found = np.zeros(n_lags + 1)
        found[0] = 1
        return found
    x -= x.mean()
    x /= np.abs(x).max()
    transform = np.fft.fft(np.concatenate([x, np.zeros(n - 1)]))
    sums = np.fft.ifft(transform * transform.conj()).real
    return (sums / sums[0])[: n_lags + 1]


def pacf(x, n_lags):
    r = acf(x, n_lags)
    answer = [1.0]
    for order in range(1, n_lags + 1):
        matrix = np.array([[r[abs(i - j)] for j in range(order)] for i in range(order)])
        answer.append(np.linalg.solve(matrix, r[1 : order + 1])[order - 1])
    return np.array(answer)
