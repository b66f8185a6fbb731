"""Nested cross-validation: a score for a model together with the search that chose it."""

import numpy as np


def nested_cv(fit_and_score, candidates, X, y, *, n_outer=5, n_inner=3):
    """Score on each outer fold of the candidate that an inner cross-validation chose without that fold.

    Folds are blocks of consecutive rows, as equal as can be, the larger ones first.

    Parameters
    ----------
    fit_and_score : callable
        ``fit_and_score(candidate, X_train, y_train, X_test, y_test)`` returns a number, higher is better. It
        may overwrite the arrays that it is given.
    candidates : sequence of length n_candidates
        What to choose from; each is handed on as it is.
    X : array-like of shape (n_samples, ...)
    y : array-like of shape (n_samples,)
    n_outer, n_inner : int
        Numbers of folds, 2 or more; the inner folds divide the rows outside the outer fold.

    Returns
    -------
    scores : ndarray of shape (n_outer,), float64
        Score on the outer fold of the chosen candidate, fitted on all rows outside it.
    chosen : ndarray of shape (n_outer,), int
        Its place in `candidates`: the highest mean inner score, NaN below all others; the first of equals.
    inner_means : ndarray of shape (n_outer, n_candidates), float64
        Mean score of each candidate over the inner folds.

    Raises
    ------
    ValueError
        Bad sizes or no candidates, before anything is called; or inner means that are all NaN.

    References
    ----------
    Varma and Simon, Bias in error estimation when using cross-validation for model selection, 2006.

    Examples
    --------
    >>> def closeness(candidate, X_train, y_train, X_test, y_test):
    ...     return 1 - abs(candidate * y_train.mean() - y_test.mean())
    >>> scores, chosen, _ = nested_cv(closeness, [0, 1], [[0]] * 4, [1.0, 2.0, 1.0, 2.0], n_outer=2, n_inner=2)
    >>> scores.tolist(), chosen.tolist()
    ([1.0, 1.0], [1, 1])
    """
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
