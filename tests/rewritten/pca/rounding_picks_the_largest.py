"""As graders/pca/wrong/rounding_picks_the_largest.py, in another hand."""

import math

import numpy as np


class PCA:
    def __init__(self, n_components=None, *, whiten=False):
        self.n_components = n_components
        self.whiten = whiten

    def fit(self, X):
        X = table(X)
        n, d = X.shape
        if n < 2 or d < 1:
            raise ValueError("at least two samples and one feature")
        most = min(n, d)
        wanted = self.n_components
        whole = wanted is None or isinstance(wanted, (int, np.integer))
        if wanted is not None and whole and (wanted < 1 or wanted > most):
            raise ValueError("n_components does not fit the data")
        if not whole and not 0 < wanted < 1:
            raise ValueError("a share lies between 0 and 1")
        center = X.sum(axis=0) / n
        moved = X - center
        sizes, axes = np.linalg.svd(moved, full_matrices=False)[1:]
        spread = []
        for size in sizes:
            spread.append(size * size / (n - 1) if size > sizes[0] * 1e-12 else 0.0)
        total = sum(spread)
        part = [v / total if total else 0.0 for v in spread]
        keep = most if wanted is None else wanted
        if not whole:
            keep, reached = 0, 0.0
            while reached < wanted and keep < most:
                reached += part[keep]
                keep += 1
        self.mean_ = center
        self.components_ = np.array([turned(axis) for axis in axes[:keep]])
        self.explained_variance_ = np.array(spread[:keep])
        self.explained_variance_ratio_ = np.array(part[:keep])
        return self

    def ask(self, values, dimension):
        if not hasattr(self, "components_"):
            raise RuntimeError("fit me first")
        values = table(values)
        if values.shape[1] != self.components_.shape[dimension]:
            raise ValueError("wrong number of columns")
        return values

    def transform(self, X):
        moved = self.ask(X, 1) - self.mean_
        result = np.empty((len(moved), len(self.components_)))
        for j, axis in enumerate(self.components_):
            result[:, j] = moved @ axis
            if self.whiten:
                deviation = math.sqrt(self.explained_variance_[j])
                result[:, j] = result[:, j] / deviation if deviation > 0 else 0.0
        return result

    def inverse_transform(self, Z):
        Z = self.ask(Z, 0)
        X = np.tile(self.mean_, (len(Z), 1))
        for j, axis in enumerate(self.components_):
            scale = math.sqrt(self.explained_variance_[j]) if self.whiten else 1.0
            X += np.outer(scale * Z[:, j], axis)
        return X


def turned(axis):
    biggest = max(axis, key=abs)
    return -axis if biggest < 0 else axis


def table(values):
    values = np.array(values, dtype=float)
    if values.ndim != 2 or not np.isfinite(values).all():
        raise ValueError("two dimensions and finite numbers, please")
    return values
