"""Group sums of the category less those of the pair of category and fold, by groupby().transform."""

import numpy as np
import pandas as pd


class TargetEncoder:
    def __init__(self, *, smoothing=10.0, n_folds=5):
        self.smoothing = smoothing
        self.n_folds = n_folds
        self.learned_ = None

    def fit(self, X, y):
        rows = self._rows(X, y)
        means = rows.groupby("x", dropna=False, observed=True)["y"].agg(["sum", "size"]).reset_index()
        self.prior_ = rows["y"].mean()
        means["code"] = (means["sum"] + self.smoothing * self.prior_) / (means["size"] + self.smoothing)
        self.gap_ = means.loc[means["x"].isna(), "code"]
        self.learned_ = means.loc[means["x"].notna()].set_index("x")["code"]
        self.learned_.index = self.learned_.index.astype(object)
        return self

    def transform(self, X):
        if self.learned_ is None:
            raise RuntimeError("not fitted yet")
        found = self.learned_.reindex(X.astype(object).to_numpy()).to_numpy(dtype=float, copy=True)
        gaps = X.isna().to_numpy()
        found[gaps] = self.gap_.iloc[0] if len(self.gap_) else self.prior_
        found[np.isnan(found)] = self.prior_
        return pd.Series(found, index=X.index, name=X.name)

    def fit_transform(self, X, y, *, folds=None):
        self.fit(X, y)
        rows = self._rows(X, y)
        folds = pd.Series(np.arange(len(X)) % self.n_folds if folds is None else np.asarray(folds))
        if len(folds) != len(rows) or folds.nunique() < 2:
            raise ValueError("folds: expected one for each row, and two different ones at least")
        rows["fold"] = folds.to_numpy()
        prior = self._others(rows, "sum", []) / self._others(rows, "size", [])
        sums, counts = self._others(rows, "sum", ["x"]), self._others(rows, "size", ["x"])
        encoded = (sums + self.smoothing * prior).div(counts + self.smoothing).where(counts > 0, prior)
        return pd.Series(encoded.to_numpy(), index=X.index, name=X.name)

    def _others(self, rows, what, by):
        options = {"dropna": False, "observed": True}
        rows = rows.assign(all=0)
        total = rows.groupby([*by, "all"], **options)["y"].transform(what)
        return total - rows.groupby([*by, "fold"], **options)["y"].transform(what)

    def _rows(self, X, y):
        if not 0 <= self.smoothing < np.inf or self.n_folds < 2:
            raise ValueError("smoothing or n_folds out of range")
        if len(X) != len(y) or len(X) < 1 or y.hasnans:
            raise ValueError("X and y do not fit together")
        return pd.DataFrame({"x": X.array, "y": y.to_numpy(dtype=float)})
