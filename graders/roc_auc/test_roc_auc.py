"""Hidden checks of roc_auc."""

import math
from collections import Counter

import numpy as np
import pytest

from mlkata.compare import assert_close, assert_equal, assert_shape, assert_true, raises

TIGHT = {"rtol": 1e-9, "atol": 1e-12}


def by_pairs(y_true, y_score):
    """The share of pairs in the right order, each pair of scores as often as it occurs; NaN without pairs."""
    negatives, positives = by_class(y_true, y_score)
    won = sum(((p > n) + (p == n) / 2) * positives[p] * negatives[n] for p in positives for n in negatives)
    n_pairs = sum(positives.values()) * sum(negatives.values())
    return won / n_pairs if n_pairs else math.nan


def by_class(y_true, y_score):
    """How often each score occurs, among the negatives and among the positives."""
    pairs = list(zip(list(y_true), np.asarray(y_score).tolist(), strict=True))
    return [Counter(s for y, s in pairs if y == label) for label in (0, 1)]


def by_thresholds(y_true, y_score):
    """The three arrays, counted anew for each threshold."""
    counts = by_class(y_true, y_score)
    thresholds = [math.inf, *sorted({float(s) for mine in counts for s in mine}, reverse=True)]
    rates = []
    for mine in counts:
        n = sum(mine.values())
        rates.append([sum(mine[s] for s in mine if s >= t) / n if n else math.nan for t in thresholds])
    return rates[0], rates[1], thresholds


def assert_curve(found, y_true, y_score, where=""):
    """Rates and thresholds of `roc_curve`, all of them."""
    triple = isinstance(found, (tuple, list, np.ndarray)) and np.ndim(found) and len(found) == 3
    assert_true(triple, "roc_curve must return three arrays: fpr, tpr, thresholds")
    fpr, tpr, thresholds = by_thresholds(y_true, y_score)
    hint = "one point for each distinct score, and one for inf in front"
    assert_shape(found[2], (len(thresholds),), what=f"the array of thresholds{where}", hint=hint)
    assert_equal(found[2], np.array(thresholds), what=f"the array of thresholds{where}")
    assert_close(found[0], fpr, **TIGHT, what=f"the array of false positive rates{where}")
    assert_close(found[1], tpr, **TIGHT, what=f"the array of true positive rates{where}")


def assert_both(submission, y_true, y_score, where="", *, like=None):
    """Curve and area are right; `like` holds labels and scores in plain numbers."""
    plain = like or (y_true, y_score)
    assert_curve(submission.roc_curve(y_true, y_score), *plain, where)
    assert_close(submission.roc_auc(y_true, y_score), by_pairs(*plain), **TIGHT, what=f"the AUC{where}")


def draw(rng, n, *, decimals=None):
    """Labels of both classes, unevenly many, and scores that know something; rounded, they have ties."""
    y_true = (rng.random(n) < 0.35).astype(int)
    y_true[:3] = [1, 0, 0]
    y_score = rng.normal(size=n) + y_true
    return y_true, y_score if decimals is None else np.round(y_score, decimals)


@pytest.mark.correctness("Curve", "Rates", "Decision")
@pytest.mark.parametrize("n", [7, 50])
def test_curve(submission, rng, n):
    """Every distinct score is a threshold, and the rates there count the scores that are at least as high."""
    y_true, y_score = draw(rng, n)
    assert_curve(submission.roc_curve(y_true, y_score), y_true, y_score)


@pytest.mark.correctness("AUC", "Precision")
@pytest.mark.parametrize("n", [7, 80])
def test_area_by_pairs(submission, rng, n):
    """The AUC is the share of pairs in which the positive has the higher score."""
    y_true, y_score = draw(rng, n)
    assert_close(submission.roc_auc(y_true, y_score), by_pairs(y_true, y_score), **TIGHT, what="the AUC")


@pytest.mark.correctness("Curve")
def test_points_on_a_line(submission):
    """Points that lie on a line between their neighbours are kept."""
    y_true, y_score = [1, 1, 1, 0, 0, 0, 0], [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3]
    assert_both(submission, y_true, y_score, " of a perfect ranking")


@pytest.mark.correctness("AUC")
def test_bad_rankings(submission, rng):
    """Scores that rank the wrong way round have an AUC below 0.5: with the sign turned it is 1 minus what it was."""
    assert_close(submission.roc_auc([1, 1, 0, 0], [0.1, 0.2, 0.3, 0.4]), 0.0, **TIGHT, what="the AUC")
    y_true, y_score = draw(rng, 40, decimals=1)
    right = by_pairs(y_true, y_score)
    assert_close(submission.roc_auc(y_true, -y_score), 1 - right, **TIGHT, what="the AUC of the negated scores")
    assert_close(submission.roc_auc(1 - y_true, y_score), 1 - right, **TIGHT, what="the AUC of the exchanged labels")


@pytest.mark.correctness("AUC", "Equal scores")
def test_order_and_scale(submission, rng):
    """Neither the order of the samples nor a growing map of the scores changes the AUC."""
    y_true, y_score = draw(rng, 60, decimals=1)
    right = by_pairs(y_true, y_score)
    for _ in range(3):
        order = rng.permutation(60)
        found = submission.roc_auc(y_true[order], y_score[order])
        assert_close(found, right, **TIGHT, what="the AUC of the samples in another order")
    found = submission.roc_auc(y_true, 1e-12 * y_score**3)
    assert_close(found, right, **TIGHT, what="the AUC of tiny scores in the same order")


@pytest.mark.edge_case("Equal scores", "Curve")
def test_ties_on_the_curve(submission, rng):
    """Samples with the same score make one point, whichever of them comes first."""
    for labels in ([1, 1, 0, 0, 0], [0, 0, 0, 1, 1], [0, 1, 0, 1, 0]):
        y_true, y_score = [*labels, 1, 0], [5, 5, 5, 5, 5, 7, 2]
        assert_curve(submission.roc_curve(y_true, y_score), y_true, y_score)
    y_true, y_score = draw(rng, 80, decimals=0)
    assert_curve(submission.roc_curve(y_true, y_score), y_true, y_score)


@pytest.mark.edge_case("Equal scores", "AUC")
def test_ties_in_the_area(submission, rng):
    """A pair with equal scores counts half, wherever it stands."""
    for labels in ([1, 1, 1, 0, 0], [0, 0, 1, 1, 1], [0, 1, 1, 0, 1]):
        assert_close(submission.roc_auc(labels, [0.3] * 5), 0.5, **TIGHT, what="the AUC of scores that are all equal")
        found = submission.roc_auc([*labels, 1, 0], [5, 5, 5, 5, 5, 7, 2])
        assert_close(found, 9 / 12, **TIGHT, what="the AUC of a tie of five between two others")
    for _ in range(3):
        y_true, y_score = draw(rng, 60, decimals=0)
        found = submission.roc_auc(y_true, y_score)
        assert_close(found, by_pairs(y_true, y_score), **TIGHT, what="the AUC of rounded scores")


@pytest.mark.edge_case("Equal scores", "Precision")
def test_nearly_equal_scores(submission):
    """Scores that differ in the last bit are different scores."""
    above = math.nextafter(0.7, 1.0)
    assert_both(submission, [1, 0, 0, 1], [above, 0.7, 0.7, 1e-300], " of scores that differ in the last bit")


@pytest.mark.edge_case("One class")
@pytest.mark.parametrize("label", [0, 1])
def test_one_class(submission, label):
    """Without negatives, or without positives, that rate and the AUC are NaN, and the rest is there."""
    assert_both(submission, [label] * 5, [0.2, 0.9, 0.2, 0.5, 0.7], f" where all labels are {label}")
    assert_both(submission, [label], [-1.5], f" of one sample with label {label}")


@pytest.mark.edge_case("Minus infinity", "Equal scores")
def test_minus_infinity(submission):
    """Scores of minus infinity are the lowest, and equal to each other."""
    y_true = [1, 0, 0, 1, 0, 1, 0]
    y_score = [-math.inf, -2.0, -math.inf, -0.5, -math.inf, -3.0, -0.1]
    assert_both(submission, y_true, y_score, " of log-probabilities")


@pytest.mark.edge_case("Input", "Precision")
@pytest.mark.parametrize("kind", ["bool", "uint8", "int8", "uint64", "int64", "float16", "float32", "strided", "lists"])
def test_kinds_of_scores(submission, rng, kind):
    """Scores count as what they are, whatever their dtype: unsigned, signed, booleans, or low precision."""
    whole = rng.integers(0, 256, size=70)
    whole[:4] = [255, 0, 128, 0]
    whole[10:30] = whole[30:50]
    y_true = (rng.random(70) * 250 < whole).astype(int)
    y_true[:4] = [1, 0, 1, 1]
    y_score = {
        "bool": whole > 120,
        "uint8": whole.astype("uint8"),
        "int8": (whole - 128).astype("int8"),
        "uint64": (whole + 2**52).astype("uint64"),
        "int64": -whole - 2**52,
        "float16": (whole / 3).astype("float16"),
        "float32": (whole / 3).astype("float32"),
        "strided": np.repeat(whole / 3, 2)[::2],
        "lists": whole.tolist(),
    }[kind]
    assert_both(submission, y_true.tolist() if kind == "lists" else y_true, y_score, like=(y_true, y_score))


@pytest.mark.edge_case("Input", "Rates")
@pytest.mark.parametrize("dtype", ["bool", "uint8", "int8", "float32", "float64"])
def test_kinds_of_labels(submission, rng, dtype):
    """Labels may be booleans, integers of any dtype, or floats, and there may be more than 255 of a class."""
    y_true, y_score = draw(rng, 1000, decimals=1)
    assert_both(submission, y_true.astype(dtype), y_score, f" with labels of dtype {dtype}", like=(y_true, y_score))


@pytest.mark.edge_case("Errors")
@pytest.mark.parametrize(
    ("y_true", "y_score", "when"),
    [
        ([], [], "there are no samples"),
        ([0, 1], [0.1, 0.2, 0.3], "the lengths differ"),
        ([0, 1, 1], [0.5], "there is one score for three labels"),
        (np.array([[0, 1], [1, 0]]), np.array([[0.1, 0.2], [0.3, 0.4]]), "labels and scores have two dimensions"),
        ([1], [0.1, 0.2, 0.3], "there is one label for three scores"),
        ([0, 2, 1], [0.1, 0.2, 0.3], "a label is 2"),
        ([0, 0.5, 1], [0.1, 0.2, 0.3], "a label is 0.5"),
        ([0, math.nan, 1], [0.1, 0.2, 0.3], "a label is NaN"),
        ([-1, 1, 1], [0.1, 0.2, 0.3], "a label is -1"),
        ([0, 1, 1], [0.1, math.nan, 0.3], "a score is NaN"),
        ([0, 1, 1], [0.1, math.inf, 0.3], "a score is plus infinity"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_input(submission, y_true, y_score, when):
    """Input that makes no sense raises ValueError in both functions."""
    with raises(ValueError, when=f"{when} (roc_curve)"):
        submission.roc_curve(y_true, y_score)
    with raises(ValueError, when=f"{when} (roc_auc)"):
        submission.roc_auc(y_true, y_score)


@pytest.mark.edge_case("Arguments")
def test_arguments_stay_as_they_were(submission):
    """Labels and scores are not written to."""
    y_true, y_score = np.array([0, 1, 0, 1, 1]), np.array([0.7, 0.4, 0.1, 0.9, 0.8])
    for seen in (submission.roc_auc.observe(y_true, y_score), submission.roc_curve.observe(y_true, y_score)):
        seen.assert_unchanged()
    assert_both(submission, y_true, y_score)


def many_scores(rng, n):
    y_score = rng.normal(size=n).astype(np.float32)  # some ties
    return (y_score + rng.normal(size=n) > 0.5).astype(int), y_score


def judge_area(result, y_true, y_score):
    positives, negatives = y_score[y_true == 1], np.sort(y_score[y_true == 0])
    below = np.searchsorted(negatives, positives, side="left").sum()
    up_to = np.searchsorted(negatives, positives, side="right").sum()
    assert_close(result, (below + up_to) / 2 / len(positives) / len(negatives), **TIGHT, what="the AUC")


HINT = "sort once and keep running counts, instead of comparing pairs or counting anew for each threshold"


@pytest.mark.performance("Speed")
def test_growth(submission, measure):
    """The time grows like n log n up to 131,072 scores, not like n squared."""
    measure.growth("roc_auc", many_scores, (2**13, 2**16, 2**17), at_most=0.35, judge=judge_area, hint=HINT)


@pytest.mark.performance("Speed")
def test_cpu_time(submission, measure):
    """65,536 scores cost at most 80 times the CPU time of our own solution."""
    measure.cpu_ratio("roc_auc", lambda rng: many_scores(rng, 2**16), at_most=80, judge=judge_area, hint=HINT)
