"""Hidden checks of target_encoding."""

import math

import numpy as np
import pandas as pd
import pytest

from mlkata.compare import assert_close, assert_dtype, assert_equal, assert_true, assert_type, raises

EXACT = {"rtol": 1e-9, "atol": 1e-9}


def smoothed(category, rows, smoothing):
    """One encoding by the formula, in Python floats: `rows` are the pairs of category and target that are used."""
    targets = [float(target) for _, target in rows]
    prior = math.fsum(targets) / len(targets)
    own = [float(target) for other, target in rows if other == category]
    return (math.fsum(own) + smoothing * prior) / (len(own) + smoothing) if own else prior


def by_other_folds(categories, targets, folds, smoothing):
    """The encodings of training rows: one list of rows for each of them."""
    rows = list(zip(categories, targets, folds, strict=True))
    used = [[(category, target) for category, target, other in rows if other != fold] for _, _, fold in rows]
    return [smoothed(category, others, smoothing) for category, others in zip(categories, used, strict=True)]


def by_all_rows(categories, targets, new, smoothing):
    return [smoothed(category, list(zip(categories, targets, strict=True)), smoothing) for category in new]


def draw(rng, n):
    """Categories of uneven frequency, targets, and uneven folds in no order."""
    categories = rng.choice(["oslo", "rome", "lima", "bern", "kyiv"], size=n, p=[0.4, 0.25, 0.2, 0.1, 0.05]).tolist()
    return categories, rng.normal(3, 2, size=n).tolist(), rng.permutation(np.resize([0, 1, 1, 2, 2, 2, 3], n)).tolist()


def encode(module, X, y, options, folds):
    """TargetEncoder(**options).fit_transform(X, y, folds=folds)"""
    return module.TargetEncoder(**options).fit_transform(X, y, folds=folds)


def encode_without_folds(module, X, y, options):
    """TargetEncoder(**options).fit_transform(X, y)"""
    return module.TargetEncoder(**options).fit_transform(X, y)


def encode_new(module, X, y, new, options):
    """TargetEncoder(**options).fit(X, y).transform(new)"""
    return module.TargetEncoder(**options).fit(X, y).transform(new)


@pytest.mark.correctness("Out of fold", "Smoothing")
@pytest.mark.parametrize("smoothing", [0.5, 10.0, 40, 1e6])
def test_out_of_fold_values(submission, rng, smoothing):
    """A training row is encoded by the rows of the other folds, smoothed towards their mean."""
    categories, targets, folds = draw(rng, 41)
    encoded = submission.run(
        encode, pd.Series(categories), pd.Series(targets), {"smoothing": smoothing}, np.array(folds)
    )
    expected = by_other_folds(categories, targets, folds, smoothing)
    assert_close(encoded, expected, **EXACT, what="the encoding of the training rows")


@pytest.mark.correctness("Folds")
def test_default_folds(submission, rng):
    """Without folds, the row at position i is in fold i % n_folds, whatever its label."""
    categories, targets, _ = draw(rng, 23)
    X = pd.Series(categories, index=rng.permutation(23))
    encoded = submission.run(encode_without_folds, X, pd.Series(targets, index=X.index), {"n_folds": 3})
    expected = by_other_folds(categories, targets, [place % 3 for place in range(23)], 10.0)
    assert_close(encoded, expected, **EXACT, what="the encoding with n_folds = 3 (smoothing is 10 by default)")
    encoded = submission.run(encode_without_folds, pd.Series(categories), pd.Series(targets), {"smoothing": 2.0})
    expected = by_other_folds(categories, targets, [place % 5 for place in range(23)], 2.0)
    assert_close(encoded, expected, **EXACT, what="the encoding with as many folds as by default (5)")
    encoded = submission.run(encode_without_folds, pd.Series(categories), pd.Series(targets), {"n_folds": 9})
    expected = by_other_folds(categories, targets, [place % 9 for place in range(23)], 10.0)
    assert_close(encoded, expected, **EXACT, what="the encoding with n_folds = 9")


def encode_each(module, X, targets, options, folds):
    """TargetEncoder(**options).fit_transform(X, y, folds=folds) for each y of targets"""
    return [module.TargetEncoder(**options).fit_transform(X, y, folds=folds) for y in targets]


@pytest.mark.correctness("Out of fold", "Prior")
@pytest.mark.parametrize("step", [1.0, 1e6])
def test_own_target_leaves_no_trace(submission, rng, step):
    """Changing the target of one row changes nothing in its own fold, and every row of the other folds."""
    X, folds = pd.Series(["a", "b", "a", "c", "a", "b", "b", "a"]), np.array([0, 0, 1, 1, 1, 2, 2, 2])
    y = pd.Series(rng.normal(size=8))
    targets = [y, *(y + step * (np.arange(8) == place) for place in range(8))]
    before, *changed = map(np.asarray, submission.run(encode_each, X, targets, {"smoothing": 3.0}, folds))
    for place, after in enumerate(changed):
        own = folds == folds[place]
        what = f"with the target of row {place} raised by {step:g}, the encoding of the rows of its own fold"
        assert_close(
            after[own],
            before[own],
            rtol=1e-8,
            atol=1e-8,
            what=what,
            hint="they must stay as they were: does a target leak through a sum, or the prior?",
        )
        moved = np.abs(after[~own] - before[~own]) > 1e-3 * step
        broken = f"every row of the other folds must move when the target of row {place} does, if only by their prior"
        assert_true(moved.all(), broken, f"{int((~moved).sum())} of {moved.size} stayed where they were")


@pytest.mark.correctness("Prior", "Unseen")
def test_prior_of_the_other_folds(submission):
    """A category of one fold alone is encoded by the mean target of the other folds, not of all rows."""
    X = pd.Series(["pop", "rare", "pop", "rare", "pop", "jazz"])
    y = pd.Series([1.0, 40.0, 2.0, 60.0, 6.0, 10.0])
    encoded = submission.run(encode, X, y, {"smoothing": 4.0}, np.array([1, 0, 1, 0, 0, 2]))
    # The others of fold 0 are 1, 2, 10; of fold 1: 40, 60, 6, 10; of fold 2: 1, 40, 2, 60, 6.
    others = [13 / 3, 116 / 4, 109 / 5]
    expected = [
        (6 + 4 * others[1]) / 5,
        others[0],
        (6 + 4 * others[1]) / 5,
        others[0],
        (3 + 4 * others[0]) / 6,
        others[2],
    ]
    assert_close(encoded, expected, **EXACT, what="the encoding of the training rows")


@pytest.mark.correctness("Fit and transform", "Smoothing")
def test_new_rows_are_encoded_by_all(submission, rng):
    """fit and transform encode by all training rows: new rows, and the training rows too."""
    categories, targets, _ = draw(rng, 37)
    X, y, new = pd.Series(categories), pd.Series(targets), ["lima", "rome", "oslo", "lima"]
    for smoothing in (1.5, 25.0):
        encoded = submission.run(encode_new, X, y, pd.Series(new), {"smoothing": smoothing})
        expected = by_all_rows(categories, targets, new, smoothing)
        assert_close(encoded, expected, **EXACT, what=f"the encoding of new rows with smoothing = {smoothing}")
    encoded = submission.run(encode_new, X, y, X, {})
    expected = by_all_rows(categories, targets, categories, 10.0)
    assert_close(encoded, expected, **EXACT, what="the encoding of the training rows by transform")


def encode_both(module, X, y, new, options, folds):
    """encoder.fit_transform(X, y, folds=folds), then encoder.transform(new)"""
    encoder = module.TargetEncoder(**options)
    return encoder.fit_transform(X, y, folds=folds), encoder.transform(new)


@pytest.mark.correctness("Afterwards", "Fit and transform")
def test_fit_transform_fits_on_all_rows(submission, rng):
    """After fit_transform, all training rows have their say in transform, as after fit, whatever rows it is given."""
    categories, targets, folds = draw(rng, 29)
    X, y, options = pd.Series(categories), pd.Series(targets), {"smoothing": 2.5}
    for new, name in ((["rome", "oslo", "lima", "cork"], "new rows"), (categories, "the training rows by transform")):
        _, encoded = submission.run(encode_both, X, y, pd.Series(new), options, np.array(folds))
        expected = by_all_rows(categories, targets, new, 2.5)
        assert_close(encoded, expected, **EXACT, what=f"the encoding of {name} after fit_transform")


@pytest.mark.correctness("Out of fold")
def test_order_of_rows(submission, rng):
    """Rows that are shuffled together with their targets and folds keep their encodings."""
    categories, targets, folds = (np.array(part) for part in draw(rng, 30))
    order = rng.permutation(30)
    sides = []
    for places in (np.arange(30), order):
        X, y = pd.Series(categories[places]), pd.Series(targets[places])
        sides.append(np.asarray(submission.run(encode, X, y, {"smoothing": 1.0}, folds[places])))
    expected = by_other_folds(categories.tolist(), targets.tolist(), folds.tolist(), 1.0)
    assert_close(sides[0], expected, **EXACT, what="the encoding of the training rows")
    assert_close(sides[1], sides[0][order], **EXACT, what="the encoding of the same rows in another order")


@pytest.mark.edge_case("Unseen")
def test_unseen_categories(submission):
    """A category that no training row has becomes the mean target, and one training row is enough to fit."""
    X, y = pd.Series(["a", "b", "a"]), pd.Series([2.0, 5.0, 11.0])
    encoded = submission.run(encode_new, X, y, pd.Series(["z", "a", "A", "y"]), {"smoothing": 1.0})
    assert_close(encoded, [6.0, 19 / 3, 6.0, 6.0], **EXACT, what="the encoding of new rows")
    encoded = submission.run(encode_new, pd.Series([7]), pd.Series([2.5]), pd.Series([8, 7]), {"smoothing": 3.0})
    assert_close(encoded, [2.5, 2.5], **EXACT, what="the encoding of new rows after a fit on one row")


@pytest.mark.edge_case("Missing")
def test_missing_categories(submission):
    """None, NaN and NA are one category, encoded like any other, and the prior where none was seen."""
    y, folds = pd.Series([1.0, 8.0, 2.0, 16.0, 4.0, 32.0, 3.0]), np.array([0, 0, 1, 1, 2, 2, 1])
    mixed = [None, 7, "b", float("nan"), 7, pd.NA, "b"]
    gaps = [0.0, float("nan"), 1.0, float("nan"), 0.0, float("nan"), 1.0]
    for name, values in (("object", mixed), ("float", gaps)):
        X = pd.Series(values, dtype=name)
        plain = ["missing" if pd.isna(value) else value for value in values]
        encoded = submission.run(encode, X, y, {"smoothing": 1.0}, folds)
        expected = by_other_folds(plain, y.tolist(), folds.tolist(), 1.0)
        assert_close(encoded, expected, **EXACT, what=f"the encoding of training rows with gaps (dtype {name})")
        encoded = submission.run(encode_new, X, y, X, {"smoothing": 1.0})
        expected = by_all_rows(plain, y.tolist(), plain, 1.0)
        assert_close(encoded, expected, **EXACT, what=f"the encoding of new rows with gaps (dtype {name})")
    words = ["None", None, "nan", "None", float("nan"), "<NA>", "nan"]
    X, plain = pd.Series(words, dtype=object), ["gap" if pd.isna(word) else word for word in words]
    encoded = submission.run(encode_new, X, y, X, {"smoothing": 1.0})
    expected = by_all_rows(plain, y.tolist(), plain, 1.0)
    assert_close(encoded, expected, **EXACT, what="the encoding of gaps beside the words None, nan and <NA>")
    new = pd.Series(["b", None, "b"], dtype=object)
    encoded = submission.run(encode_new, pd.Series(["b", "c"]), pd.Series([1.0, 4.0]), new, {"smoothing": 2.0})
    assert_close(encoded, [2.0, 2.5, 2.0], **EXACT, what="the encoding of new rows, no training row having a gap")


@pytest.mark.edge_case("Smoothing", "Unseen")
def test_smoothing_of_zero(submission):
    """With smoothing 0 the encodings are plain means, and the prior where there is nothing to average."""
    X, y = pd.Series(["a", "a", "b", "a", "c", "a"]), pd.Series([1.0, 2.0, 7.0, 6.0, 9.0, 4.0])
    encoded = submission.run(encode, X, y, {"smoothing": 0}, np.array([0, 0, 1, 1, 2, 2]))
    assert_close(encoded, [5.0, 5.0, 4.0, 7 / 3, 4.0, 3.0], **EXACT, what="the encoding of the training rows")
    encoded = submission.run(encode_new, X, y, pd.Series(["a", "b", "q"]), {"smoothing": 0.0})
    assert_close(encoded, [13 / 4, 7.0, 29 / 6], **EXACT, what="the encoding of new rows")
    encoded = submission.run(encode, X, pd.Series([2.5] * 6), {"smoothing": 0}, np.array([0, 1, 0, 1, 0, 1]))
    assert_close(encoded, [2.5] * 6, **EXACT, what="the encoding where all targets are 2.5")


@pytest.mark.edge_case("Folds")
def test_unusual_folds(submission, rng):
    """Folds may be any integers, in a list or in an array of any width, and there may be fewer rows than n_folds."""
    categories, targets, folds = draw(rng, 24)
    X, y, expected = pd.Series(categories), pd.Series(targets), by_other_folds(categories, targets, folds, 10.0)
    encoded = submission.run(encode, X, y, {"n_folds": 2}, [[700, -3, 0, 12][fold] for fold in folds])
    assert_close(encoded, expected, **EXACT, what="the encoding with folds named 700, -3, 0 and 12")
    for names in ([127, -128, 0, 126], [-1, 127, 76, 25]):
        encoded = submission.run(encode, X, y, {}, np.array([names[fold] for fold in folds], dtype=np.int8))
        assert_close(encoded, expected, **EXACT, what=f"the encoding with folds of dtype int8 named {names}")
    X, y = pd.Series(["a", "b", "a"]), pd.Series([1.0, 2.0, 6.0])
    encoded = submission.run(encode_without_folds, X, y, {"n_folds": 7, "smoothing": 1.0})
    assert_close(encoded, [5.0, 3.5, 1.25], **EXACT, what="the encoding of three rows with n_folds = 7")


@pytest.mark.edge_case("Result")
@pytest.mark.parametrize("labels", ["shuffled", "repeated", "levels"])
def test_index_and_name(submission, labels):
    """The result is a Series of float64 with the index and name of X, also where labels repeat."""
    index = {
        "shuffled": pd.Index([4, 0, 3, 1, 2], name="row"),
        "repeated": pd.Index(["u", "v", "u", "u", "v"]),
        "levels": pd.MultiIndex.from_tuples([(1, "x"), (1, "y"), (0, "x"), (2, "x"), (2, "z")], names=["day", "shop"]),
    }[labels]
    X, y = pd.Series(["a", "b", "a", "b", "a"], index=index, name="city"), pd.Series([1, 2, 4, 8, 16], index=index)
    folds = [0, 0, 1, 1, 1]
    trained = submission.run(encode, X, y.rename("price"), {"smoothing": 2.0}, np.array(folds))
    expected = by_other_folds(X.tolist(), y.tolist(), folds, 2.0)
    assert_result(trained, X, expected, "the result of fit_transform")
    new = X.iloc[1:].rename(None)
    transformed = submission.run(encode_new, X, y, new, {"smoothing": 2.0})
    assert_result(transformed, new, by_all_rows(X.tolist(), y.tolist(), new.tolist(), 2.0), "the result of transform")
    empty = submission.run(encode_new, X, y, X.iloc[:0], {})
    assert_result(empty, X.iloc[:0], [], "the result of transform for no rows")


def assert_result(result, X, expected, what):
    assert_type(result, pd.Series, what=what)
    assert_dtype(result, "float64", what=what)
    assert_close(result, expected, **EXACT, what=what)
    assert_equal(list(result.index), list(X.index), what=f"the index of {what}")
    assert_equal(list(result.index.names), list(X.index.names), what=f"the names of the index of {what}")
    assert_equal(result.name, X.name, what=f"the name of {what}")


@pytest.mark.edge_case("Matching")
def test_targets_are_matched_by_position(submission):
    """y belongs to X by position, whatever its index."""
    X, targets = pd.Series(["a", "b", "a", "b", "c", "a"]), [1.0, 10.0, 3.0, 30.0, 7.0, 5.0]
    folds = [0, 1, 1, 0, 0, 2]
    expected = by_other_folds(X.tolist(), targets, folds, 2.0)
    for labels in ([5, 3, 4, 0, 1, 2], [10, 11, 12, 13, 14, 15], list("uvuvuv")):
        y = pd.Series(targets, index=labels)
        encoded = submission.run(encode, X, y, {"smoothing": 2.0}, np.array(folds))
        assert_close(encoded, expected, **EXACT, what=f"the encoding with the index {labels} on y")
        encoded = submission.run(encode_new, X, y, pd.Series(["b", "a"]), {"smoothing": 2.0})
        fitted = by_all_rows(X.tolist(), targets, ["b", "a"], 2.0)
        assert_close(encoded, fitted, **EXACT, what=f"the encoding of new rows with the index {labels} on y")


@pytest.mark.edge_case("Target", "Result")
@pytest.mark.parametrize("dtype", ["int64", "int8", "uint8", "bool", "float32", "Int64", "boolean"])
def test_dtypes_of_the_target(submission, dtype):
    """Integers, bools and floats of any width give encodings in float64."""
    targets = [1, 0, 1, 1, 0, 1] if dtype in ("bool", "boolean") else [100, 90, 120, 3, 111, 127]
    X, y, folds = pd.Series(["a", "a", "b", "a", "b", "a"]), pd.Series(targets).astype(dtype), [0, 1, 1, 0, 0, 1]
    encoded = submission.run(encode, X, y, {"smoothing": 1.5}, np.array(folds))
    assert_dtype(encoded, "float64", what="the encoding of the training rows")
    expected = by_other_folds(X.tolist(), targets, folds, 1.5)
    assert_close(encoded, expected, **EXACT, what=f"the encoding of the training rows with y of dtype {dtype}")
    encoded = submission.run(encode_new, X, y, pd.Series(["b", "q"]), {"smoothing": 1.5})
    assert_dtype(encoded, "float64", what="the encoding of new rows")
    expected = by_all_rows(X.tolist(), targets, ["b", "q"], 1.5)
    assert_close(encoded, expected, **EXACT, what=f"the encoding of new rows with y of dtype {dtype}")


def encode_converted(module, X, y, new, folds, dtypes):
    """fit_transform(X.astype(dtypes[0]), y, folds=folds), then transform(new.astype(dtypes[1]))"""
    encoder = module.TargetEncoder(smoothing=1.0)
    return encoder.fit_transform(X.astype(dtypes[0]), y, folds=folds), encoder.transform(new.astype(dtypes[1]))


TEXT = (["b", "c", "b", "c", "b", "e"], ["a", "c", "c", "b", "e"])
NUMBERS = ([20, 30, 20, 30, 20, 50], [10, 30, 30, 20, 50])
FLAGS = ([True, False, True, False, True, True], [False, True, True, False, True])
MIXED = ([7, "7", 7, "7", 7, 8], ["8", "7", "7", 7, 8])


@pytest.mark.edge_case("Categories", "Result")
@pytest.mark.parametrize(
    ("rows", "dtypes"),
    [
        (TEXT, ("object", "object")),
        (TEXT, ("string", "string")),
        (TEXT, ("str", "object")),
        (TEXT, ("category", "category")),
        (TEXT, ("category", "string")),
        (NUMBERS, ("int64", "float64")),
        (NUMBERS, ("float64", "Int64")),
        (NUMBERS, ("category", "int64")),
        (NUMBERS, ("int32", "category")),
        (FLAGS, ("bool", "bool")),
        (FLAGS, ("bool", "object")),
        (MIXED, ("object", "object")),
    ],
)
def test_dtypes_of_the_categories(submission, rows, dtypes):
    """Categories are the same where their values are, whatever dtype or levels training and new rows have."""
    values, new = rows
    y, folds = pd.Series([1.0, 5.0, 2.0, 9.0, 4.0, 30.0]), [0, 1, 1, 0, 2, 2]
    old_rows, new_rows = pd.Series(values), pd.Series(new)
    if rows is TEXT and "category" in dtypes:
        old_rows = old_rows.astype(pd.CategoricalDtype(["a", "b", "c", "d", "e"]))
        new_rows = new_rows.astype(pd.CategoricalDtype(["e", "c", "f", "b", "a"]))
    encoded, transformed = submission.run(encode_converted, old_rows, y, new_rows, folds, dtypes)
    assert_dtype(encoded, "float64", what="the encoding of the training rows")
    expected = by_other_folds(values, y.tolist(), folds, 1.0)
    assert_close(encoded, expected, **EXACT, what=f"the encoding of training rows of dtype {dtypes[0]}")
    assert_dtype(transformed, "float64", what="the encoding of new rows")
    expected = by_all_rows(values, y.tolist(), new, 1.0)
    assert_close(transformed, expected, **EXACT, what=f"the encoding of new rows of dtype {dtypes[1]}")


def encode_after_two_fits(module, first, X, y, new):
    """TargetEncoder(smoothing=2.0).fit(*first).fit(X, y).transform(new)"""
    return module.TargetEncoder(smoothing=2.0).fit(*first).fit(X, y).transform(new)


def encode_beside_another(module, other, X, y, new):
    """encoder.fit(X, y), another.fit(*other), then encoder.transform(new)"""
    encoder, another = module.TargetEncoder(smoothing=2.0), module.TargetEncoder(smoothing=3.0)
    encoder.fit(X, y)
    another.fit(*other)
    return encoder.transform(new)


@pytest.mark.edge_case("Refitting", "Unseen")
def test_second_fit_forgets_the_first(submission):
    """A second fit starts afresh: categories of the first alone are unseen. Another encoder's fit changes nothing."""
    other = (pd.Series(["a", "b", "b"]), pd.Series([50.0, 60.0, 90.0]))
    X, y = pd.Series(["b", "c", "c"]), pd.Series([1.0, 2.0, 6.0])
    encoded = submission.run(encode_after_two_fits, other, X, y, pd.Series(["a", "b", "c"]))
    assert_close(encoded, [3.0, 7 / 3, 3.5], **EXACT, what="the encoding of new rows")
    encoded = submission.run(encode_beside_another, other, X, y, pd.Series(["a", "b", "c"]))
    assert_close(encoded, [3.0, 7 / 3, 3.5], **EXACT, what="the encoding of new rows after the fit of another encoder")


@pytest.mark.edge_case("Bad input")
def test_bad_input(submission):
    """Options out of range, lengths that differ, missing targets and useless folds raise ValueError."""
    X, y = pd.Series(["a", "b", "a", "b"]), pd.Series([1.0, 2.0, 3.0, 5.0])
    for smoothing in (-1.0, math.nan, math.inf):
        with raises(ValueError, when=f"smoothing is {smoothing}"):
            submission.run(encode_without_folds, X, y, {"smoothing": smoothing})
        with raises(ValueError, when=f"smoothing is {smoothing} in fit"):
            submission.run(encode_new, X, y, X, {"smoothing": smoothing})
    for n_folds in (1, 0):
        with raises(ValueError, when=f"n_folds is {n_folds}"):
            submission.run(encode_without_folds, X, y, {"n_folds": n_folds})
        with raises(ValueError, when=f"n_folds is {n_folds} in fit"):
            submission.run(encode_new, X, y, X, {"n_folds": n_folds})
    for cut, gap in (
        (y[:3], "y is shorter than X"),
        (pd.Series([1.0, 2.0, 3.0, 5.0, 8.0]), "y is longer than X"),
        (y.replace(2.0, math.nan), "a target is NaN"),
        (pd.Series([1, None, 3, 5], dtype="Int64"), "a target is NA (dtype Int64)"),
    ):
        with raises(ValueError, when=f"{gap} in fit"):
            submission.run(encode_new, X, cut, X, {})
        with raises(ValueError, when=f"{gap} in fit_transform"):
            submission.run(encode_without_folds, X, cut, {"n_folds": 2})
    with raises(ValueError, when="there is no row to fit"):
        submission.run(encode_new, X[:0], y[:0], X, {})
    with raises(ValueError, when="there is no row to fit and transform"):
        submission.run(encode_without_folds, X[:0], y[:0], {})
    with raises(ValueError, when="fit_transform has a single row"):
        submission.run(encode_without_folds, X[:1], y[:1], {})
    for folds, fault in (
        ([0, 1, 0], "is too short"),
        ([0, 1, 0, 1, 1], "is too long"),
        ([3, 3, 3, 3], "names one fold"),
    ):
        with raises(ValueError, when=f"folds {fault}"):
            submission.run(encode, X, y, {}, np.array(folds))


def transform_at_once(module, new):
    """TargetEncoder().transform(new)"""
    return module.TargetEncoder().transform(new)


@pytest.mark.edge_case("Bad input")
def test_transform_before_fit(submission):
    """transform of an encoder that was not fitted raises RuntimeError."""
    with raises(RuntimeError, when="transform is called before fit"):
        submission.run(transform_at_once, pd.Series(["a", "b"]))


@pytest.mark.edge_case("Arguments")
def test_arguments_stay_as_they_were(submission):
    """X, y and folds are not written to, gaps included."""
    X = pd.Series(["a", None, "b", "a", None], dtype="category", name="city")
    y, folds = pd.Series([3, 1, 4, 1, 5], name="price"), np.array([4, 9, 4, 9, 2])
    plain = ["a", "missing", "b", "a", "missing"]
    seen = submission.probe(encode).observe(X, y, {"smoothing": 1.0}, folds)
    expected = by_other_folds(plain, y.tolist(), folds.tolist(), 1.0)
    assert_close(seen.value, expected, **EXACT, what="the encoding of the training rows")
    seen.assert_unchanged()
    gaps = pd.Series([1.0, math.nan, 0.0, 1.0, math.nan])
    seen = submission.probe(encode_new).observe(gaps, y, gaps[::-1], {"smoothing": 1.0})
    expected = by_all_rows(plain, y.tolist(), plain[::-1], 1.0)
    assert_close(seen.value, expected, **EXACT, what="the encoding of new rows")
    seen.assert_unchanged()


def many_rows(rng):
    n, n_categories = 25_000, 2_000
    X, new = (pd.Series(rng.integers(10**6, 10**6 + n_categories, size=n)) for _ in range(2))
    return X, pd.Series(rng.normal(size=n)), new, {}, rng.integers(5, size=n)


def judge_some(result, X, y, new, options, folds):
    trained, transformed = (np.asarray(part) for part in result)
    categories, targets = X.to_numpy(), y.to_numpy()

    def mean_of(category, used):
        own = used & (categories == category)
        return (targets[own].sum() + 10 * targets[used].mean()) / (own.sum() + 10)

    places = np.arange(0, len(X), 500)
    expected = [mean_of(categories[place], folds != folds[place]) for place in places]
    assert_close(trained[places], expected, **EXACT, what="every 500th encoding of the training rows")
    expected = [mean_of(category, folds >= 0) for category in new.to_numpy()[places]]
    assert_close(transformed[places], expected, **EXACT, what="every 500th encoding of new rows")


@pytest.mark.performance("Speed")
def test_cpu_time(submission, measure):
    """Thousands of categories are encoded whole columns at a time: no pass over all rows for each category."""
    measure.cpu_ratio(
        encode_both, many_rows, at_most=25, judge=judge_some, hint="count and sum all categories in one call"
    )
