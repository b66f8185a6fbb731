"""Groups by category once for each fold and maps the means onto the rows that were held out."""

import numpy as np
import pandas as pd

GAP = "<no category>"


class TargetEncoder:
    def __init__(self, *, smoothing=10.0, n_folds=5):
        self.smoothing = smoothing
        self.n_folds = n_folds

    def fit(self, X, y):
        frame = self._frame(X, y)
        self.prior_ = frame["y"].mean()
        self.means_ = self._means(frame)
        return self

    def transform(self, X):
        if not hasattr(self, "means_"):
            raise RuntimeError("this encoder has not been fitted")
        return self._keys(X).map(self.means_).astype(float).fillna(self.prior_).rename(X.name)

    def fit_transform(self, X, y, *, folds=None):
        self.fit(X, y)
        frame = self._frame(X, y)
        if folds is None:
            folds = [place % self.n_folds for place in range(len(frame))]
        if len(folds) != len(frame):
            raise ValueError("folds must have as many entries as X")
        frame["fold"] = list(folds)
        if frame["fold"].nunique() == 1:
            raise ValueError("at least two folds must have rows")
        frame["encoded"] = 0.0
        for fold in frame["fold"].unique():
            inside = frame["fold"].eq(fold)
            others = frame.loc[~inside]
            encoded = frame.loc[inside, "x"].map(self._means(others)).fillna(others["y"].mean())
            frame.loc[inside, "encoded"] = encoded
        return frame["encoded"].set_axis(X.index).rename(X.name)

    def _means(self, frame):
        groups = frame.groupby("x", sort=False)["y"].agg(["sum", "count"])
        return (groups["sum"] + self.smoothing * frame["y"].mean()) / (groups["count"] + self.smoothing)

    def _keys(self, X):
        return X.astype(object).where(X.notna(), GAP)

    def _frame(self, X, y):
        if self.smoothing < 0 or not np.isfinite(self.smoothing) or self.n_folds < 2:
            raise ValueError("smoothing must be finite and not negative, n_folds 2 or more")
        if len(X) != len(y):
            raise ValueError("X and y must have the same length")
        if X.empty or y.isna().any():
            raise ValueError("there must be rows, and each needs a target")
        return pd.DataFrame({"x": self._keys(X).to_list(), "y": y.astype(float).to_list()}, dtype=object).astype(
            {"y": float}
        )
