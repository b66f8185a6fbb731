"""As graders/target_encoding/wrong/keeps_what_it_knew.py, in another hand."""

import math
from collections import Counter, defaultdict

import numpy as np
import pandas as pd


def keys_of(column):
    return [None if pd.isna(value) else value for value in column.tolist()]


class TargetEncoder:
    def __init__(self, *, smoothing=10.0, n_folds=5):
        if not (math.isfinite(smoothing) and smoothing >= 0):
            raise ValueError("smoothing must be finite and not negative")
        if n_folds < 2:
            raise ValueError("two folds or more are needed")
        self.smoothing = smoothing
        self.n_folds = n_folds
        self.means, self.prior = {}, None

    def fit(self, X, y):
        if len(X) != len(y) or len(y) == 0:
            raise ValueError("X and y need the same number of rows, and one at least")
        if y.isna().any():
            raise ValueError("a target is missing")
        means, self.prior = self.learn(keys_of(X), y.to_numpy(dtype=float).tolist())
        self.means.update(means)
        return self

    def transform(self, X):
        if self.prior is None:
            raise RuntimeError("the encoder is not fitted")
        values = [self.means.get(key, self.prior) for key in keys_of(X)]
        return pd.Series(values, index=X.index, name=X.name, dtype=float)

    def fit_transform(self, X, y, *, folds=None):
        if len(X) != len(y) or len(y) == 0:
            raise ValueError("X and y need the same number of rows, and one at least")
        if y.isna().any():
            raise ValueError("a target is missing")
        folds = [i % self.n_folds for i in range(len(X))] if folds is None else np.asarray(folds).tolist()
        if len(folds) != len(X) or len(set(folds)) < 2:
            raise ValueError("each row needs a fold, and one fold is too few")
        values = [0.0] * len(X)
        for fold in set(folds):
            others = [i for i, f in enumerate(folds) if f != fold]
            inside = [i for i, f in enumerate(folds) if f == fold]
            encoded = self.fit(X.iloc[others], y.iloc[others]).transform(X.iloc[inside])
            for i, value in zip(inside, encoded, strict=True):
                values[i] = value
        return pd.Series(values, index=X.index, name=X.name, dtype=float)

    def learn(self, keys, target):
        prior = sum(target) / len(target)
        count, total = Counter(keys), defaultdict(float)
        for key, t in zip(keys, target, strict=True):
            total[key] += t
        means = {key: (total[key] + self.smoothing * prior) / (count[key] + self.smoothing) for key in count}
        return means, prior
