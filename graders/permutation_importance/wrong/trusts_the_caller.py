"""Data is made of floats, there is enough of it, and labels are numbers."""

import numpy as np

CAUGHT_BY = (
    "test_bad_input",
    "test_kinds_of_input",
    "test_text_labels",
)


def permutation_importance(predict, X, y, metric, *, n_repeats=5, seed=None, greater_is_better=True):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    rng = np.random.default_rng(seed)
    sign = 1 if greater_is_better else -1
    baseline = float(metric(y, predict(X.copy())))
    importances = np.empty((X.shape[1], n_repeats))
    for feature in range(X.shape[1]):
        for repeat in range(n_repeats):
            shuffled = X.copy()  # each time from the data: the last one's column is whole again
            shuffled[:, feature] = rng.permutation(X[:, feature])
            importances[feature, repeat] = sign * (baseline - float(metric(y, predict(shuffled))))
    with np.errstate(invalid="ignore"):
        std = importances.std(axis=1, ddof=1) if n_repeats > 1 else np.full(X.shape[1], np.nan)
    return importances.mean(axis=1), std, importances
