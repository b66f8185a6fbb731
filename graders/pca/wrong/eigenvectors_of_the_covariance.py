"""The eigenvectors of the covariance matrix, the mean product less the product of means, are as good."""

import numbers

import numpy as np

CAUGHT_BY = (
    "test_tiny_variances",
    "test_large_offset",
)

_NOTHING = 1e-7  # of the largest singular value: smaller ones are rounding


class PCA:
    def __init__(self, n_components=None, *, whiten=False):
        self.n_components = n_components
        self.whiten = whiten

    def fit(self, X):
        points = _finite_matrix(X)
        if len(points) < 2 or not points.shape[1]:
            raise ValueError(f"X must have two samples and one feature at least, found shape {points.shape}")
        mean = points.mean(axis=0)
        values, vectors = np.linalg.eigh(points.T @ points - len(points) * np.outer(mean, mean))
        n_most = min(points.shape)
        s = np.sqrt(np.maximum(values[::-1][:n_most], 0.0))
        components = vectors[:, ::-1][:, :n_most].T
        s[s <= _NOTHING * s[0]] = 0.0
        variance = s**2 / (len(points) - 1)
        ratio = variance / variance.sum() if s[0] > 0 else np.zeros(len(s))
        k = self._count(ratio)
        size = np.abs(components)
        first = np.argmax(size >= size.max(axis=1, keepdims=True) - 1e-9, axis=1)
        signs = np.sign(components[np.arange(len(components)), first])
        self.mean_, self.components_ = mean, (components * signs[:, None])[:k]
        self.explained_variance_, self.explained_variance_ratio_ = variance[:k], ratio[:k]
        return self

    def transform(self, X):
        points = self._checked(X, 1)
        coordinates = (points - self.mean_) @ self.components_.T
        if not self.whiten:
            return coordinates
        spread = np.sqrt(self.explained_variance_)
        return np.divide(coordinates, spread, out=np.zeros_like(coordinates), where=spread > 0)

    def inverse_transform(self, Z):
        coordinates = self._checked(Z, 0)
        if self.whiten:
            coordinates = coordinates * np.sqrt(self.explained_variance_)
        return coordinates @ self.components_ + self.mean_

    def _count(self, ratio):
        n = self.n_components
        if n is None:
            return len(ratio)
        if isinstance(n, numbers.Integral) and 1 <= n <= len(ratio):
            return int(n)
        if not isinstance(n, numbers.Integral) and 0 < n < 1:
            return min(int(np.searchsorted(ratio.cumsum(), n)) + 1, len(ratio))
        raise ValueError(f"n_components must be from 1 to {len(ratio)}, or a share between 0 and 1, found {n}")

    def _checked(self, X, axis):
        if not hasattr(self, "components_"):
            raise RuntimeError("this PCA has learnt nothing yet: call fit first")
        points, expected = _finite_matrix(X), self.components_.shape[axis]
        if points.shape[1] != expected:
            raise ValueError(f"expected {expected} columns, found {points.shape[1]}")
        return points


def _finite_matrix(X):
    points = np.asarray(X, dtype=np.float64)
    if points.ndim != 2 or not np.isfinite(points).all():
        raise ValueError(f"the array must be two-dimensional and finite, found shape {points.shape}")
    return points
