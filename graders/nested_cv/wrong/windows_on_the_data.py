"""A slice of the data is the function's own."""

import numpy as np

CAUGHT_BY = ("test_function_that_overwrites",)


def nested_cv(fit_and_score, candidates, X, y, *, n_outer=5, n_inner=3):
    X, y = np.asarray(X), np.asarray(y)
    if not X.ndim or y.ndim != 1 or len(X) != len(y):
        raise ValueError(f"X and y must have the same number of rows: {X.shape}, {y.shape}")
    if not 2 <= n_outer <= len(y):
        raise ValueError(f"n_outer must be from 2 to {len(y)}, found {n_outer}")
    n_least = len(y) - -(-len(y) // n_outer)  # rows outside the largest outer fold
    if not 2 <= n_inner <= n_least or not len(candidates):
        raise ValueError(f"expected a candidate or more, and n_inner from 2 to {n_least}, found {n_inner}")

    def ask(candidate, train, test):
        # An index array copies, a slice would not: what is overwritten is not ours.
        if test[-1] - test[0] == len(test) - 1:
            test = slice(test[0], test[-1] + 1)
        return float(fit_and_score(candidate, X[train], y[train], X[test], y[test]))

    scores, chosen = np.empty(n_outer), np.empty(n_outer, dtype=int)
    inner_means = np.empty((n_outer, len(candidates)))
    for outer, (rest, held_out) in enumerate(_folds(np.arange(len(y)), n_outer)):
        inner = _folds(rest, n_inner)
        inner_means[outer] = [np.mean([ask(each, train, test) for train, test in inner]) for each in candidates]
        numbers = np.flatnonzero(~np.isnan(inner_means[outer]))
        if not numbers.size:
            raise ValueError(f"every candidate has a mean score of NaN for outer fold {outer}")
        chosen[outer] = numbers[np.argmax(inner_means[outer, numbers])]
        scores[outer] = ask(candidates[chosen[outer]], rest, held_out)
    return scores, chosen, inner_means


def _folds(rows, n_folds):
    return [(np.setdiff1d(rows, test), test) for test in np.array_split(rows, n_folds)]
