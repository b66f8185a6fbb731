"""Hidden checks of nested_cv."""

import math
from collections import Counter

import numpy as np
import pytest

from mlkata.compare import assert_close, assert_dtype, assert_equal, assert_shape, assert_true, raises

TIGHT = {"rtol": 1e-9, "atol": 1e-12}


def blocks(rows, k):
    """The prompt's folds, as pairs of lists of row numbers."""
    rows, folds, start = list(rows), [], 0
    for number in range(k):
        stop = start + len(rows) // k + (number < len(rows) % k)
        folds.append((rows[:start] + rows[stop:], rows[start:stop]))
        start = stop
    return folds


def expected_results(function, candidates, X, y, n_outer=5, n_inner=3):
    """The three results by the prompt, in plain loops."""

    def ask(candidate, train, test):
        return float(function(candidate, X[train], y[train], X[test], y[test]))

    scores, chosen, means = [], [], []
    for rest, fold in blocks(range(len(y)), n_outer):
        inner = blocks(rest, n_inner)
        row = [sum(ask(candidate, *pair) for pair in inner) / n_inner for candidate in candidates]
        best = max(value for value in row if not math.isnan(value))
        chosen.append(row.index(best))
        scores.append(ask(candidates[chosen[-1]], rest, fold))
        means.append(row)
    return scores, chosen, means


def assert_results(found, expected, where=""):
    triple = isinstance(found, (tuple, list)) and len(found) == 3
    assert_true(triple, "the result must be a tuple of three: scores, chosen, inner_means")
    scores, chosen, means = found
    assert_shape(means, np.shape(expected[2]), what=f"the array of inner means{where}")
    assert_close(means, expected[2], **TIGHT, what=f"the array of inner means{where}")
    assert_equal(np.asarray(chosen), np.array(expected[1]), what=f"the array of chosen candidates{where}")
    whole = np.asarray(chosen).dtype.kind in "iu"
    assert_true(whole, "the places of the chosen must be integers", f"got dtype {np.asarray(chosen).dtype}")
    assert_close(scores, expected[0], **TIGHT, what=f"the array of outer scores{where}")


def wavy(candidate, X_train, y_train, X_test, y_test):
    """A score that changes with every row, every label, and the candidate."""
    phase = candidate * (X_train[:, 1].sum() + 2 * y_train.mean()) + 3 * X_test[:, 1].sum() + y_test.mean()
    return 2 + math.sin(3 * phase)


class Recorder:
    """A function that remembers what it is given; the first column of X holds row numbers."""

    def __init__(self, function):
        self.function = function
        self.__name__ = function.__name__
        self.given = []

    def __call__(self, candidate, *arrays):
        self.given.append((candidate, *arrays))
        return self.function(candidate, *arrays)

    def calls(self):
        """(candidate, train rows, test rows) of each call."""
        return [(c, tuple(map(int, a[:, 0])), tuple(map(int, b[:, 0]))) for c, a, _, b, _ in self.given]


def draw(rng, n, n_features=3):
    X = rng.normal(size=(n, n_features))
    X[:, 0] = np.arange(n)
    return X, rng.normal(size=n)


CANDIDATES = [0.5, 1.0, 2.0, 3.5]


@pytest.mark.correctness("Search", "Outer score", "Result", "Folds")
@pytest.mark.parametrize(("n", "n_outer", "n_inner"), [(24, 4, 3), (23, 5, 4), (17, 3, 5)])
def test_results(submission, rng, n, n_outer, n_inner):
    """Inner means, choices and outer scores are those of the prompt's folds."""
    X, y = draw(rng, n)
    options = {"n_outer": n_outer, "n_inner": n_inner}
    expected = expected_results(wavy, CANDIDATES, X, y, **options)
    assert_results(submission.nested_cv(wavy, CANDIDATES, X, y, **options), expected)


@pytest.mark.correctness("Folds", "Result")
def test_numbers_of_folds_by_default(submission, rng):
    """By default there are five outer and three inner folds."""
    X, y = draw(rng, 22)
    expected = expected_results(wavy, CANDIDATES, X, y)
    assert_results(submission.nested_cv(wavy, CANDIDATES, X, y), expected)


@pytest.mark.correctness("Outer score", "Search")
def test_every_fold_has_its_own_choice(submission):
    """Each outer fold gets the candidate that suits the rest, and its score there, not the inner one."""

    def same_sign(candidate, X_train, y_train, X_test, y_test):
        return candidate * y_test.sum()

    X, y = np.arange(6.0)[:, None], np.array([9.0, 9.0, -2.0, -3.0, -4.0, 1.0])
    expected = ([-18.0, -5.0, 3.0 * -1], [1, 0, 0], [[-4.0, 4.0], [7.5, -7.5], [6.5, -6.5]])
    assert_results(submission.nested_cv(same_sign, [1, -1], X, y, n_outer=3, n_inner=2), expected)


@pytest.mark.correctness("No leak", "Folds", "Fit and score")
@pytest.mark.parametrize(("n", "n_outer", "n_inner"), [(20, 4, 3), (23, 5, 2)])
def test_rows_of_every_call(submission, rng, n, n_outer, n_inner):
    """Only the last fit for a fold is scored on it; no other call for that fold has one of its rows."""
    X, y = draw(rng, n)
    model = Recorder(wavy)
    submission.nested_cv(model, CANDIDATES, X, y, n_outer=n_outer, n_inner=n_inner)
    everything = [call for call in model.calls() if len(set(call[1] + call[2])) == n]
    broken = "only the outer scores may need all rows: a search sees rows of the fold that is held out"
    assert_true(len(everything) <= n_outer, broken, f"{len(everything)} calls have all rows")
    assert_true(not any(set(a) & set(b) for _, a, b in model.calls()), "a call has rows both in train and in test")
    known = set()
    for rest, fold in blocks(range(n), n_outer):
        known.add((tuple(rest), tuple(fold)))
        known |= {(tuple(a), tuple(b)) for a, b in blocks(rest, n_inner)}
    for _, train, test in model.calls():
        broken = "a call has rows, or an order of rows, that the prompt's folds do not give"
        assert_true((train, test) in known, broken, f"train {train}, test {test}")
    assert_equal(len(everything), n_outer, what="the number of calls for outer scores")


@pytest.mark.correctness("Calls", "No leak")
@pytest.mark.parametrize(("n_outer", "n_inner"), [(3, 4), (4, 2)])
def test_each_call_is_made_once(submission, rng, n_outer, n_inner):
    """Every candidate is tried once on every inner fold, and one candidate once on the outer fold."""
    X, y = draw(rng, 19)
    model = Recorder(wavy)
    _, chosen, _ = submission.nested_cv(model, CANDIDATES, X, y, n_outer=n_outer, n_inner=n_inner)
    wanted = []
    for (rest, fold), place in zip(blocks(range(19), n_outer), chosen, strict=True):
        wanted.append((CANDIDATES[int(place)], tuple(rest), tuple(fold)))
        wanted += [(c, tuple(a), tuple(b)) for c in CANDIDATES for a, b in blocks(rest, n_inner)]
    counts = Counter(model.calls())
    n_calls = n_outer * (len(CANDIDATES) * n_inner + 1)
    assert_equal(len(model.given), n_calls, what="the number of calls")
    assert_true(max(counts.values()) == 1, "a call is made twice with the same candidate and rows")
    assert_true(counts == Counter(wanted), "a candidate is not tried on one of the folds")


@pytest.mark.correctness("No leak", "Search")
def test_held_out_labels_have_no_say(submission, rng):
    """Other rows and labels in an outer fold change its outer score, not what is chosen for it."""
    X, y = draw(rng, 21)
    _, chosen, means = submission.nested_cv(wavy, CANDIDATES, X, y, n_outer=3)
    for number, (_, fold) in enumerate(blocks(range(21), 3)):
        other_X, other_y = X.copy(), y.copy()
        other_X[fold], other_y[fold] = 5 * other_X[fold] + 1, -3 * other_y[fold] + 2
        expected = expected_results(wavy, CANDIDATES, other_X, other_y, 3)
        found = submission.nested_cv(wavy, CANDIDATES, other_X, other_y, n_outer=3)
        what = "the row of inner means of a fold whose own rows were changed"
        assert_close(found[2][number], means[number], **TIGHT, what=what)
        assert_equal(
            int(found[1][number]), int(chosen[number]), what="the choice for a fold whose own rows were changed"
        )
        assert_close(found[0], expected[0], **TIGHT, what="the array of outer scores after the change")


@pytest.mark.correctness("Search", "Fit and score")
@pytest.mark.parametrize("kind", [float, int, np.float32, np.int8])
def test_inner_folds_count_alike(submission, kind):
    """The inner scores have a plain mean, though the inner folds differ in size; scores may be of any number type."""

    def by_size(candidate, X_train, y_train, X_test, y_test):
        return kind(min(13 * len(y_test) ** candidate, 120))

    X, y = np.arange(10.0)[:, None], np.arange(10.0)
    expected = [[(39 + 26) / 2, (117 + 52) / 2]] * 2  # 117 + 52 is more than an int8 holds
    _, chosen, means = submission.nested_cv(by_size, [1, 2], X, y, n_outer=2, n_inner=2)
    assert_close(means, expected, **TIGHT, what="the array of inner means over folds of 3 and 2 rows")
    assert_equal(np.asarray(chosen), np.array([1, 1]), what="the array of chosen candidates")


@pytest.mark.edge_case("Search")
def test_first_of_equals(submission):
    """Of candidates with equal means the first one is chosen."""

    def peaked(candidate, X_train, y_train, X_test, y_test):
        return {"low": 0.0, "high": 2.0, "high too": 2.0, "lowest": -1.0}[candidate]

    X, y = np.arange(8.0)[:, None], np.arange(8)
    _, chosen, _ = submission.nested_cv(peaked, ["low", "high", "high too", "lowest"], X, y, n_outer=2, n_inner=2)
    assert_equal(np.asarray(chosen), np.array([1, 1]), what="the array of chosen candidates")
    scores, chosen, _ = submission.nested_cv(peaked, ("high too", "high"), X, y, n_outer=2, n_inner=2)
    assert_equal(np.asarray(chosen), np.array([0, 0]), what="the array of chosen candidates, all equal")
    assert_close(scores, [2.0, 2.0], what="the array of outer scores")

    def nearly(candidate, X_train, y_train, X_test, y_test):
        return 2.0 + candidate

    _, chosen, _ = submission.nested_cv(nearly, [0.0, 1e-10, 0.0], X, y, n_outer=2, n_inner=2)
    assert_equal(np.asarray(chosen), np.array([1, 1]), what="the array of chosen candidates, one a little better")

    def equal_on_early_rows(candidate, X_train, y_train, X_test, y_test):
        return 1.0 if candidate == "second" or X_test[0, 0] < 4 else 0.0

    _, chosen, _ = submission.nested_cv(equal_on_early_rows, ["first", "second"], X, y, n_outer=2, n_inner=2)
    assert_equal(np.asarray(chosen), np.array([1, 0]), what="the array of chosen candidates, equal for the last fold")


def table_scores(candidate, X_train, y_train, X_test, y_test):
    """The candidate is the score itself."""
    return candidate


@pytest.mark.edge_case("NaN", "Fit and score")
def test_nan_and_infinity(submission):
    """A candidate with a mean of NaN is never chosen while another has a number, however low."""
    X, y = np.arange(7.0)[:, None], np.arange(7)
    for candidates, best in (
        ([math.nan, 0.1, 0.3], 2),
        ([-2.0, math.nan, -3.0], 0),
        ([math.nan, -math.inf], 1),
        ([1.0, math.inf, math.nan], 1),
    ):
        scores, chosen, means = submission.nested_cv(table_scores, candidates, X, y, n_outer=2, n_inner=2)
        where = f" of scores {candidates}"
        assert_close(means, [candidates] * 2, what=f"the array of inner means{where}")
        assert_equal(np.asarray(chosen), np.array([best, best]), what=f"the array of chosen candidates{where}")
        assert_close(scores, [candidates[best]] * 2, what=f"the array of outer scores{where}")
    with raises(ValueError, when="all candidates have a mean of NaN"):
        submission.nested_cv(table_scores, [math.nan, math.nan], X, y, n_outer=2, n_inner=2)

    def fails_on_early_rows(candidate, X_train, y_train, X_test, y_test):
        return math.nan if X_test[0, 0] < 4 else candidate

    with raises(ValueError, when="all candidates have a mean of NaN for the last outer fold"):
        submission.nested_cv(fails_on_early_rows, [1.0, 2.0], X, y, n_outer=2, n_inner=2)


@pytest.mark.edge_case("NaN")
def test_nan_outer_score(submission):
    """One inner score of NaN makes the mean NaN, and an outer score of NaN is reported as it is."""

    def fails_on_large_rows(candidate, X_train, y_train, X_test, y_test):
        return math.nan if candidate == 1 and X_test[-1, 0] == 3 else -1.0 * candidate if len(X_train) < 4 else math.nan

    X, y = np.arange(8.0)[:, None], np.arange(8)
    found = submission.nested_cv(fails_on_large_rows, [3, 1, 2], X, y, n_outer=2, n_inner=2)
    nan = math.nan
    assert_results(found, ([nan, nan], [1, 2], [[-3.0, -1.0, -2.0], [-3.0, nan, -2.0]]))


@pytest.mark.edge_case("Calls", "Search")
def test_one_candidate(submission, rng):
    """A candidate that is alone is searched all the same."""
    X, y = draw(rng, 13)
    model = Recorder(wavy)
    found = submission.nested_cv(model, [1.5], X, y, n_outer=3, n_inner=2)
    assert_results(found, expected_results(wavy, [1.5], X, y, 3, 2))
    assert_equal(len(model.given), 9, what="the number of calls")


@pytest.mark.edge_case("Folds", "Errors")
@pytest.mark.parametrize(("n", "n_outer", "n_inner"), [(3, 3, 2), (7, 7, 6), (5, 2, 2), (6, 4, 4)])
def test_as_many_folds_as_can_be(submission, rng, n, n_outer, n_inner):
    """Folds may be as many as rows, outer and inner ones."""
    X, y = draw(rng, n)
    options = {"n_outer": n_outer, "n_inner": n_inner}
    found = submission.nested_cv(wavy, CANDIDATES, X, y, **options)
    assert_results(found, expected_results(wavy, CANDIDATES, X, y, **options))


@pytest.mark.edge_case("Input")
@pytest.mark.parametrize("kind", ["float32", "integers", "text labels", "images", "lists", "strided"])
def test_kinds_of_input(submission, rng, kind):
    """Rows of any shape and dtype, text labels and lists are handed on as arrays, and candidates as they are."""
    weights = [(1, 0), (-1, 500), (0, 2)]
    candidates = {
        "integers": [(1, "l1"), (2, "l2"), (2, "l1")],
        "text labels": (3, 0.5, 2),
        "images": ["auto", 4, (1, 2)],
    }.get(kind, [{"a": a, "b": b} for a, b in weights])
    names = [repr(candidate) for candidate in candidates]

    def counts(candidate, X_train, y_train, X_test, y_test):
        a, b = weights[names.index(repr(candidate))] if repr(candidate) in names else (0, 0)
        return a * float(np.sum(X_test)) + len(set(y_train.tolist())) + b

    X, y = rng.integers(1, 50, size=(12, 2)), np.arange(12) % 5
    X = {"float32": X.astype("float32"), "images": rng.integers(9, size=(12, 2, 3))}.get(kind, X)
    y = np.array(["a", "bb", "c", "dd", "e"])[y] if kind == "text labels" else y
    y = y.astype("float32") if kind == "float32" else y
    given = (X.tolist(), y.tolist()) if kind == "lists" else (X, y)
    given = (np.asfortranarray(X), np.repeat(y, 2)[::2]) if kind == "strided" else given
    model = Recorder(counts)
    found = submission.nested_cv(model, candidates, *given, n_outer=3, n_inner=2)
    for candidate, *arrays in model.given:
        assert_true(repr(candidate) in names, "a candidate is not handed on as it is", f"got {candidate!r}")
        for part, whole, name in zip(arrays, (X, y, X, y), ("X_train", "y_train", "X_test", "y_test"), strict=True):
            if whole.dtype.kind == "U":
                assert_true(np.asarray(part).dtype.kind == "U", f"{name} must hold text like y")
            elif kind != "lists":
                assert_dtype(part, whole.dtype, what=f"{name}, which fit_and_score is given,")
            assert_shape(part, (len(part), *whole.shape[1:]), what=f"{name}, which fit_and_score is given,")
    assert_results(found, expected_results(counts, candidates, X, y, 3, 2))


def drive_overwriting(module, X, y, candidates, n_outer, n_inner):
    """nested_cv(fit_and_score, candidates, X, y, ...), where fit_and_score works in place"""

    def fit_and_score(candidate, X_train, y_train, X_test, y_test):
        score = wavy(candidate, X_train, y_train, X_test, y_test)
        for part in (X_train, y_train, X_test, y_test):
            part[...] = -7
        return score

    return module.nested_cv(fit_and_score, candidates, X, y, n_outer=n_outer, n_inner=n_inner)


@pytest.mark.edge_case("Fresh arrays", "Arguments")
def test_function_that_overwrites(submission, rng):
    """What fit_and_score does to its arrays reaches no other call, and X and y stay as they were."""
    X, y = draw(rng, 14)
    seen = submission.probe(drive_overwriting).observe(X, y, CANDIDATES, 3, 2)
    seen.assert_unchanged(hint="fit_and_score may overwrite what it is given")
    assert_results(seen.value, expected_results(wavy, CANDIDATES, X, y, 3, 2))


@pytest.mark.edge_case("Errors")
@pytest.mark.parametrize(
    ("candidates", "n_x", "n_y", "options", "when"),
    [
        ([], 12, 12, {}, "there are no candidates"),
        ([1.0], 12, 11, {}, "y has a row less than X"),
        ([1.0], 11, 12, {}, "X has a row less than y"),
        ([1.0], 12, 12, {"n_outer": 1}, "n_outer is 1"),
        ([1.0], 12, 12, {"n_inner": 1}, "n_inner is 1"),
        ([1.0], 12, 12, {"n_outer": 0}, "n_outer is 0"),
        ([1.0], 12, 12, {"n_inner": 0}, "n_inner is 0"),
        ([1.0], 12, 12, {"n_inner": -2}, "n_inner is -2"),
        ([1.0], 12, 12, {"n_outer": 13}, "n_outer is above the number of rows"),
        ([1.0], 12, 12, {"n_outer": 2, "n_inner": 7}, "n_inner is above the number of rows outside an outer fold"),
        ([1.0], 13, 13, {"n_outer": 2, "n_inner": 7}, "n_inner is too large for the first outer fold alone"),
        ([1.0], 0, 0, {}, "there are no rows"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_input(submission, candidates, n_x, n_y, options, when):
    """Input that makes no sense raises ValueError before anything is called."""
    model = Recorder(table_scores)
    with raises(ValueError, when=when):
        submission.nested_cv(model, candidates, np.ones((n_x, 2)), np.ones(n_y), **options)
    assert_true(not model.given, f"fit_and_score must not be called when {when}")


@pytest.mark.edge_case("Arguments")
def test_arguments_stay_as_they_were(submission, rng):
    """Rows, labels and the list of candidates are not written to."""
    X, y = draw(rng, 11)
    candidates = [2.0, 0.5, 1.0]
    seen = submission.nested_cv.observe(wavy, candidates, X, y, n_outer=3, n_inner=2)
    seen.assert_unchanged()
    assert_results(seen.value, expected_results(wavy, [2.0, 0.5, 1.0], X, y, 3, 2))
