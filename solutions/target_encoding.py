"""Target encoding: a category becomes a smoothed mean of the target, out of fold for training rows."""

import numpy as np
import pandas as pd


class TargetEncoder:
    """Replace each category by a mean of the target, smoothed towards the prior.

    A category with `n` rows and target sum `s` among the rows used becomes
    ``(s + smoothing * prior) / (n + smoothing)``, where the prior is the mean target of those same rows.

    Parameters
    ----------
    smoothing : float, default 10.0
        How many rows the prior weighs: a finite number, at least 0.
    n_folds : int, default 5
        Number of folds of the default rule of `fit_transform`, at least 2.

    Raises
    ------
    ValueError
        `smoothing` or `n_folds` is out of range; here, or in `fit` and `fit_transform`.

    References
    ----------
    Micci-Barreca, A Preprocessing Scheme for High-Cardinality Categorical Attributes, SIGKDD Explorations 2001.
    """

    def __init__(self, *, smoothing=10.0, n_folds=5):
        if not 0 <= smoothing < float("inf"):
            raise ValueError(f"smoothing must be finite and at least 0, found {smoothing!r}")
        if n_folds < 2:
            raise ValueError(f"n_folds must be at least 2, found {n_folds!r}")
        self.smoothing = smoothing
        self.n_folds = n_folds
        self._categories = None

    def fit(self, X, y):
        """Learn the encodings of new rows from all rows given, and forget what was learned before.

        Parameters
        ----------
        X : Series of shape (n_samples,)
            Categories; None, NaN and NA are one category of their own.
        y : Series of shape (n_samples,)
            Target: numbers or bools, none missing; matched to `X` by position.

        Returns
        -------
        TargetEncoder
            Itself.

        Raises
        ------
        ValueError
            The lengths differ, there is no row, or a target is missing.
        """
        self._learn(X, y)
        return self

    def transform(self, X):
        """Encode new rows with what was learned from all rows.

        Parameters
        ----------
        X : Series of shape (n_samples,)
            Categories; those that were not seen get the prior.

        Returns
        -------
        Series of shape (n_samples,), float64
            With the index and name of `X`, in units of the target.

        Raises
        ------
        RuntimeError
            Nothing was fitted yet.
        """
        if self._categories is None:
            raise RuntimeError("fit the encoder first")
        codes = self._categories.get_indexer(X.astype(object))
        codes = np.where(X.isna(), len(self._categories), codes)
        return pd.Series(self._table[codes], index=X.index, name=X.name)

    def fit_transform(self, X, y, *, folds=None):
        """Encode the training rows out of fold, and learn the encodings of new rows as `fit` does.

        Parameters
        ----------
        X, y : Series of shape (n_samples,)
            As for `fit`.
        folds : sequence or ndarray of int of shape (n_samples,), optional
            The fold of each row by position: any integers. By default the row at position i is in fold
            ``i % n_folds``.

        Returns
        -------
        Series of shape (n_samples,), float64
            With the index and name of `X`, in units of the target. Counts, sums and prior of a row's encoding are
            those of the rows in other folds.

        Raises
        ------
        ValueError
            As for `fit`, or `folds` has another length, or all rows are in one fold.
        """
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
        counts, sums = np.bincount(codes, minlength=size), np.bincount(codes, target, minlength=size)
        prior = target.mean()
        table = np.full(size + 1, prior)
        seen = np.flatnonzero(counts)
        table[seen] = (sums[seen] + self.smoothing * prior) / (counts[seen] + self.smoothing)
        return table
