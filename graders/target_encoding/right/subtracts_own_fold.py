"""Counts and sums in a table of folds by categories, and subtracts each fold's row from the total."""

import numpy as np
import pandas as pd


def numbered(X):
    values, categories = pd.factorize(X, use_na_sentinel=False)
    return values, ["gap" if pd.isna(one) else (one,) for one in categories]


class TargetEncoder:
    def __init__(self, *, smoothing=10.0, n_folds=5):
        if not np.isfinite(smoothing) or smoothing < 0:
            raise ValueError("bad smoothing")
        if n_folds <= 1:
            raise ValueError("bad n_folds")
        self.m = smoothing
        self.k = n_folds
        self.known = None

    def fit(self, X, y):
        self.fit_transform(X, y, folds=np.arange(len(X)), alone=len(X) == 1)
        return self

    def transform(self, X):
        if self.known is None:
            raise RuntimeError("not fitted")
        codes, categories = numbered(X)
        found = np.array([self.known.get(one, self.prior) for one in categories], dtype=float)
        return pd.Series(found[codes], index=X.index, name=X.name, dtype=float)

    def fit_transform(self, X, y, *, folds=None, alone=False):
        n = len(X)
        if n == 0 or len(y) != n or pd.isna(y).any():
            raise ValueError("bad rows")
        codes, categories = numbered(X)
        target = np.asarray(y, dtype=float)
        total, size = np.bincount(codes, weights=target), np.bincount(codes)
        self.prior = target.sum() / n
        self.known = dict(zip(categories, ((total + self.m * self.prior) / (size + self.m)).tolist(), strict=True))
        if alone:
            return None
        if folds is None:
            folds = np.arange(n) % self.k
        names, fold = np.unique(np.asarray(folds), return_inverse=True)
        if fold.size != n or names.size == 1:
            raise ValueError("bad folds")
        if names.size == n:
            return pd.Series(self._alone(codes, target, total, size), index=X.index, name=X.name)
        cell = fold * len(categories) + codes
        shape = (names.size, len(categories))
        sums = np.bincount(cell, weights=target, minlength=shape[0] * shape[1]).reshape(shape)
        counts = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
        priors = (target.sum() - sums.sum(axis=1)) / (n - counts.sum(axis=1))
        left, rows = total - sums, size - counts
        values = (left + self.m * priors[:, None]) / np.where(rows + self.m > 0, rows + self.m, 1)
        table = np.where(rows == 0, priors[:, None], values)
        return pd.Series(table[fold, codes], index=X.index, name=X.name)

    def _alone(self, codes, target, total, size):
        prior = (target.sum() - target) / (target.size - 1)
        left, rows = (total[codes] - target), size[codes] - 1
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(rows == 0, prior, (left + self.m * prior) / (rows + self.m))
