"""The data is numbers, there is enough of it, and the last fold takes the rest."""

import numpy as np

CAUGHT_BY = (
    "test_bad_input",
    "test_kinds_of_input",
    "test_results",
    "test_numbers_of_folds_by_default",
    "test_as_many_folds_as_can_be",
    "test_arguments_stay_as_they_were",
)


def nested_cv(fit_and_score, candidates, X, y, *, n_outer=5, n_inner=3):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)

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
    size = len(rows) // n_folds
    cuts = [size * number for number in range(1, n_folds)]
    return [(np.setdiff1d(rows, test), test) for test in np.split(rows, cuts)]
