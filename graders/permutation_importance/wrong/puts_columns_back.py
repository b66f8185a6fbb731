"""Shuffling the caller's column and putting it back afterwards changes nothing."""

import numpy as np

CAUGHT_BY = ("test_predict_that_overwrites",)


def permutation_importance(predict, X, y, metric, *, n_repeats=5, seed=None, greater_is_better=True):
    X, y = np.asarray(X), np.asarray(y)
    if X.ndim != 2 or y.ndim != 1 or len(X) != len(y) or not X.size:
        raise ValueError(f"expected X (n, d) and y (n,), neither empty, found {X.shape} and {y.shape}")
    if n_repeats < 1:
        raise ValueError(f"n_repeats must be at least 1, found {n_repeats}")
    rng = np.random.default_rng(seed)
    sign = 1 if greater_is_better else -1
    baseline = float(metric(y, predict(X.copy())))
    importances = np.empty((X.shape[1], n_repeats))
    for feature in range(X.shape[1]):
        for repeat in range(n_repeats):
            kept, X[:, feature] = X[:, feature].copy(), rng.permutation(X[:, feature])
            importances[feature, repeat] = sign * (baseline - float(metric(y, predict(X))))
            X[:, feature] = kept
    with np.errstate(invalid="ignore"):
        std = importances.std(axis=1, ddof=1) if n_repeats > 1 else np.full(X.shape[1], np.nan)
    return importances.mean(axis=1), std, importances
