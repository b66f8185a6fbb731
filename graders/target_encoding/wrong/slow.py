"""The rows of each category are picked out one category after the other."""

import numpy as np
import pandas as pd

CAUGHT_BY = ("test_cpu_time",)


class TargetEncoder:
    def __init__(self, *, smoothing=10.0, n_folds=5):
        if not 0 <= smoothing < float("inf"):
            raise ValueError(f"smoothing must be finite and at least 0, found {smoothing!r}")
        if n_folds < 2:
            raise ValueError(f"n_folds must be at least 2, found {n_folds!r}")
        self.smoothing = smoothing
        self.n_folds = n_folds
        self._categories = None

    def fit(self, X, y):
        self._learn(X, y)
        return self

    def transform(self, X):
        if self._categories is None:
            raise RuntimeError("fit the encoder first")
        codes = self._categories.get_indexer(X.astype(object))
        codes = np.where(X.isna(), len(self._categories), codes)
        return pd.Series(self._table[codes], index=X.index, name=X.name)

    def fit_transform(self, X, y, *, folds=None):
        codes, target = self._learn(X, y)
        folds = np.arange(len(X)) % self.n_folds if folds is None else np.asarray(folds)
        names = np.unique(folds)
        if len(folds) != len(X) or len(names) < 2:
            raise ValueError(f"expected a fold for each of {len(X)} rows and 2 folds or more, found {folds!r}")
        encoded = np.empty(len(X))
        for name in names:
            held_out = folds == name
            encoded[held_out] = self._encodings(codes[~held_out], target[~held_out])[codes[held_out]]
        return pd.Series(encoded, index=X.index, name=X.name)

    def _learn(self, X, y):
        if len(X) != len(y) or len(X) == 0 or y.isna().any():
            raise ValueError(f"expected a target for each category, found {len(X)} categories and {y.count()} targets")
        codes, categories = pd.factorize(X)
        codes = np.where(codes < 0, len(categories), codes)
        target = y.to_numpy(dtype=np.float64)
        self._categories = pd.Index(categories.astype(object))
        self._table = self._encodings(codes, target)
        return codes, target

    def _encodings(self, codes, target):
        # One entry for each category, one for missing, and the prior last: there code -1 of the unseen finds it.
        size = len(self._categories) + 1
        prior = target.mean()
        table = np.full(size + 1, prior)
        rows, categories = pd.Series(target), pd.Series(codes)
        for category in categories.unique():
            own = rows[categories == category]
            table[category] = (own.sum() + self.smoothing * prior) / (len(own) + self.smoothing)
        return table
