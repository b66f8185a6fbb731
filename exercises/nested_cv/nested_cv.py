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
    raise NotImplementedError("implement nested_cv")
