"""Hidden checks of optimal_threshold."""

import math

import numpy as np
import pytest

from mlkata.compare import assert_close, assert_equal, assert_true, raises

METRICS = ["f1", "accuracy", "precision", "recall", "youden"]


def ratio(part, whole):
    return part / whole if whole else 0.0


def figures(y_true, y_score, threshold, costs=None):
    """Every metric of one threshold, counted sample by sample."""
    counts = {(0, 0): 0, (0, 1): 0, (1, 0): 0, (1, 1): 0}
    for label, score in zip(y_true, y_score, strict=True):
        counts[int(label), int(score >= threshold)] += 1
    tn, fp, fn, tp = counts[0, 0], counts[0, 1], counts[1, 0], counts[1, 1]
    found = {
        "f1": ratio(2 * tp, 2 * tp + fp + fn),
        "accuracy": (tp + tn) / len(y_true),
        "precision": ratio(tp, tp + fp),
        "recall": ratio(tp, tp + fn),
        "youden": ratio(tp, tp + fn) - ratio(fp, fp + tn),
    }
    if costs is not None:
        found["cost"] = sum(costs[true][said] * count for (true, said), count in counts.items()) / len(y_true)
    return found


def candidates(y_score):
    return [*sorted({float(score) for score in y_score}), math.inf]


def assert_best(submission, y_true, y_score, *, metric="f1", min_precision=0.0, min_recall=0.0, costs=None, **options):
    """The answer is a candidate, its value is what that candidate gives, and no other one is better."""
    given = {"metric": metric} if costs is None else {"costs": costs}
    given |= {"min_precision": min_precision} if min_precision else {}
    given |= {"min_recall": min_recall} if min_recall else {}
    threshold, value = submission.optimal_threshold(y_true, y_score, **given)
    key, sign = (metric, 1) if costs is None else ("cost", -1)
    every = {place: figures(y_true, y_score, place, costs) for place in candidates(y_score)}
    assert_true(float(threshold) in every, "the threshold is neither one of the scores nor inf", f"got {threshold}")
    allowed = [f for f in every.values() if f["precision"] >= min_precision and f["recall"] >= min_recall]
    here = every[float(threshold)]
    assert_true(
        here in allowed,
        "the threshold breaks a constraint",
        f"precision {here['precision']:.4g}, recall {here['recall']:.4g}",
    )
    assert_close(value, here[key], rtol=1e-9, atol=1e-9, what=f"the {key} that is returned with the threshold")
    best = sign * max(sign * f[key] for f in allowed)
    assert_close(
        here[key], best, rtol=1e-9, atol=1e-9, what=f"the {key} at the threshold", hint="another threshold is better"
    )


def draw(rng, n, *, ties=False):
    y_score = rng.normal(size=n)
    y_true = (y_score + rng.normal(size=n) > 0.4).astype(int)
    return y_true, np.round(y_score, 1) if ties else y_score


@pytest.mark.correctness("Metrics", "Candidates", "Result")
@pytest.mark.parametrize("metric", METRICS)
def test_best_of_each_metric(submission, rng, metric):
    """The threshold has the best value of the metric, and that value is returned."""
    for n in (9, 40):
        y_true, y_score = draw(rng, n)
        assert_best(submission, y_true, y_score, metric=metric)


@pytest.mark.correctness("Result", "Metrics")
def test_f1_is_the_default(submission):
    """Without options F1 is maximised: here 6/7 at 0.35, where accuracy and Youden would take 0.7."""
    y_true, y_score = [1, 0, 1, 0, 0, 0, 1, 0], [0.9, 0.2, 0.35, 0.4, 0.1, 0.15, 0.7, 0.05]
    assert_equal(float(submission.optimal_threshold(y_true, y_score)[0]), 0.35, what="the threshold")
    assert_close(submission.optimal_threshold(y_true, y_score)[1], 6 / 7, what="the value")


@pytest.mark.correctness("Constraints")
@pytest.mark.parametrize("metric", ["precision", "f1", "accuracy", "youden"])
def test_minimum_recall(submission, rng, metric):
    """Among the thresholds with enough recall the best one is taken, not the first."""
    for _ in range(4):
        y_true, y_score = draw(rng, 30)
        assert_best(submission, y_true, y_score, metric=metric, min_recall=0.77)
    y_true, y_score = [1, 1, 0, 1, 1, 0, 0, 0], [8, 7, 6, 5, 4, 3, 2, 1]
    assert_best(submission, y_true, y_score, metric=metric, min_recall=0.75)
    y_true = [1, 1, 0, 0, 0, 0, 0, 1, 1]  # the best threshold has this recall and no more
    assert_best(submission, y_true, [9, 8, 7, 6, 5, 4, 3, 2, 1], metric=metric, min_recall=0.5)


@pytest.mark.correctness("Constraints")
@pytest.mark.parametrize("metric", ["recall", "youden", "f1"])
def test_minimum_precision(submission, rng, metric):
    """Precision may fall and rise again: every threshold with enough of it counts."""
    y_true, y_score = [0, 1, 1, 1, 0, 1, 0, 0], [8, 7, 6, 5, 4, 3, 2, 1]
    assert_best(submission, y_true, y_score, metric=metric, min_precision=0.6)
    y_true = [1, 0, 0, 1, 0, 1, *[0] * 8]  # the best threshold has this precision and no more
    assert_best(submission, y_true, np.arange(14)[::-1], metric=metric, min_precision=0.5)
    for _ in range(4):
        y_true, y_score = draw(rng, 30)
        if y_true[np.argmax(y_score)]:
            assert_best(submission, y_true, y_score, metric=metric, min_precision=0.71)


@pytest.mark.correctness("Constraints")
def test_both_constraints(submission):
    """Both constraints hold at once."""
    y_true, y_score = [1, 1, 1, 0, 1, 1, 0, 0, 0, 0], [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert_best(submission, y_true, y_score, metric="f1", min_precision=0.7, min_recall=0.5)
    assert_best(submission, y_true, y_score, metric="recall", min_precision=0.7, min_recall=0.5)
    assert_best(submission, y_true, y_score, metric="precision", min_precision=0.3, min_recall=0.9)


@pytest.mark.correctness("Costs")
@pytest.mark.parametrize(
    "costs",
    [[[0, 1], [10, 0]], [[0, 7], [1, 0]], [[1.0, 3.0], [2.5, -0.5]]],
    ids=["misses", "false alarms", "all four"],
)
def test_costs(submission, rng, costs):
    """The mean cost is as low as it gets; the four cells of the matrix each count where they belong."""
    y_true, y_score = draw(rng, 40)
    assert_best(submission, y_true, y_score, costs=costs)


@pytest.mark.correctness("Costs", "Constraints")
def test_costs_under_a_constraint(submission, rng):
    """Constraints hold for costs as well, and the metric is not looked at."""
    y_true, y_score = draw(rng, 30)
    assert_best(submission, y_true, y_score, costs=np.array([[0, 4], [1, 0]]), min_recall=0.8)
    y_true, falling = [1, 1, 0, 0, 0, 1, 0], [7, 6, 5, 4, 3, 2, 1]
    assert_best(submission, y_true, falling, costs=[[4, 0], [1, 2]])
    assert_best(submission, y_true, falling, costs=[[4, 0], [1, 2]], min_precision=0.5)
    y_true, y_score = draw(rng, 30)
    plain = submission.optimal_threshold(y_true, y_score, costs=[[0, 4], [1, 0]])
    named = submission.optimal_threshold(y_true, y_score, costs=[[0, 4], [1, 0]], metric="recall")
    assert_equal(tuple(map(float, named)), tuple(map(float, plain)), what="the answer with costs and another metric")


@pytest.mark.edge_case("Equal scores")
@pytest.mark.parametrize("metric", METRICS)
def test_equal_scores(submission, rng, metric):
    """Samples with the same score are predicted alike, whatever order they come in."""
    for labels in ([1, 0, 1, 0], [0, 1, 0, 1], [1, 1, 0, 0], [0, 0, 1, 1]):
        assert_best(submission, [*labels, 1, 0], [0.5, 0.5, 0.5, 0.5, 0.7, 0.2], metric=metric)
    assert_best(submission, [0, 1, 1, 0, 1], [3, 3, 3, 3, 3], metric=metric)
    y_true, y_score = draw(rng, 60, ties=True)
    assert_best(submission, y_true, y_score, metric=metric)


@pytest.mark.edge_case("Candidates")
def test_everybody_and_nobody(submission):
    """Predicting everybody, and predicting nobody, are among the candidates."""
    y_score = [0.3, 0.6, 0.2, 0.9]
    threshold, value = submission.optimal_threshold([1, 1, 1, 0], y_score, metric="accuracy", min_recall=1.0)
    assert_close((threshold, value), (0.2, 0.75), what="the answer where all must be found")
    threshold, value = submission.optimal_threshold([0, 0, 1, 0], y_score, metric="accuracy")
    assert_close((threshold, value), (math.inf, 0.75), what="the answer where nobody should be positive")
    threshold, value = submission.optimal_threshold([0, 1, 1, 0], y_score, costs=[[0, 100], [1, 0]])
    assert_close((threshold, value), (math.inf, 0.5), what="the answer where false alarms cost a lot")


@pytest.mark.edge_case("One class", "Zero by zero")
@pytest.mark.parametrize("label", [0, 1])
def test_one_class(submission, label):
    """With one class only, fractions 0/0 count as 0 and nothing is NaN."""
    for metric in METRICS:
        assert_best(submission, [label] * 4, [0.1, 0.7, 0.7, 0.3], metric=metric)
        assert_best(submission, [label], [2.5], metric=metric)
    assert_best(submission, [label] * 3, [0.1, 0.7, 0.3], costs=[[0, 1], [1, 0]])


@pytest.mark.edge_case("Zero by zero", "Constraints")
def test_nobody_has_no_precision(submission):
    """Predicting nobody has precision 0, so it meets no demand for precision, except that for 0."""
    y_true, y_score = [0, 0, 1, 0], [9.0, 8.0, 7.0, 6.0]
    threshold, value = submission.optimal_threshold(y_true, y_score, metric="accuracy", min_precision=0.3)
    assert_close((threshold, value), (7.0, 0.5), what="the answer with min_precision=0.3")
    threshold, value = submission.optimal_threshold(y_true, y_score, metric="accuracy", min_precision=0.0)
    assert_close((threshold, value), (math.inf, 0.75), what="the answer with min_precision=0")


@pytest.mark.edge_case("Constraints")
def test_constraints_that_nothing_meets(submission):
    """Constraints that no threshold meets raise ValueError."""
    y_true, y_score = [0, 1, 0, 1], [0.9, 0.8, 0.3, 0.1]
    with raises(ValueError, when="no threshold has precision 0.9"):
        submission.optimal_threshold(y_true, y_score, min_precision=0.9)
    with raises(ValueError, when="precision 0.5 and recall 0.75 are met by different thresholds only"):
        submission.optimal_threshold([0, 1, 0, 0, 1], [5, 4, 3, 2, 1], min_precision=0.45, min_recall=0.75)
    with raises(ValueError, when="there are no positives to recall"):
        submission.optimal_threshold([0, 0], [0.1, 0.2], metric="accuracy", min_recall=0.5)
    with raises(ValueError, when="no threshold has precision 0.9, and costs are given"):
        submission.optimal_threshold(y_true, y_score, costs=[[0, 1], [1, 0]], min_precision=0.9)


@pytest.mark.edge_case("Input")
def test_kinds_of_input(submission):
    """Lists, signed, unsigned and float32 scores, scores close together, and boolean or float labels serve as well."""
    scores = [-128, 40, 7, -128, 12, 7]
    labels = [0, 1, 0, 1, 1, 1]
    shifted = np.array([0, 40, 7, 0, 12, 7], np.uint8)
    for y_true in (labels, tuple(labels), np.array(labels, bool), np.array(labels, float), np.array(labels, np.uint8)):
        for y_score in (scores, np.array(scores), np.array(scores, np.float32), np.array(scores, np.int8), shifted):
            threshold, value = submission.optimal_threshold(y_true, y_score, metric="youden")
            assert_close((threshold, value), (12.0, 0.5), what="the answer")
    grid = np.linspace(0.1, 0.9, 6, dtype=np.float32)
    assert_best(submission, np.array([0, 0, 1, 0, 1, 1]), grid)
    assert_best(submission, np.array([0, 9, 1, 9, 1, 9, 0, 9])[::2], np.arange(8.0)[::-2])
    assert_best(submission, [1, 0, 1, 0, 0], [math.nextafter(0.7, 1), 0.7, 3e-12, 2e-12, -1e-12], min_recall=0.9)
    for dtype in (np.int8, np.uint8):  # more than either of them can count
        assert_best(submission, np.repeat(np.array([1, 0], dtype), [300, 280]), np.arange(580) % 7)


@pytest.mark.edge_case("Input", "Metrics", "Costs")
@pytest.mark.parametrize(
    ("y_true", "y_score", "options", "when"),
    [
        ([], [], {}, "there are no samples"),
        ([0, 1], [0.1, 0.2, 0.3], {}, "the lengths differ"),
        ([0, 1, 1], [0.5], {}, "there is one score for three labels"),
        ([1], [0.1, 0.2, 0.3], {}, "there is one label for three scores"),
        ([0, 2, 1], [0.1, 0.2, 0.3], {}, "a label is 2"),
        ([0, 0.5, 1], [0.1, 0.2, 0.3], {}, "a label is 0.5"),
        ([-1, 1, 1], [0.1, 0.2, 0.3], {}, "a label is -1"),
        ([0, 1], [0.1, math.nan], {}, "a score is NaN"),
        ([0, 1], [math.inf, 0.2], {}, "a score is infinite"),
        ([0, 1], [-math.inf, 0.2], {}, "a score is minus infinity"),
        ([0, 1], [0.1, 0.2], {"metric": "auc"}, "the metric is 'auc'"),
        ([0, 1], [0.1, 0.2], {"metric": "F1"}, "the metric is 'F1'"),
        ([0, 1], [0.1, 0.2], {"costs": [1, 5]}, "costs has the shape (2,)"),
        ([0, 1], [0.1, 0.2], {"costs": [0, 5, 1, 0]}, "costs has the shape (4,)"),
        ([0, 1], [0.1, 0.2], {"costs": [[0, 5], [1, 0], [2, 2]]}, "costs has the shape (3, 2)"),
        ([0, 1], [0.1, 0.2], {"costs": [[0, 1, 2], [1, 0, 2]]}, "costs has the shape (2, 3)"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_input(submission, y_true, y_score, options, when):
    """Input that makes no sense raises ValueError."""
    with raises(ValueError, when=when):
        submission.optimal_threshold(y_true, y_score, **options)


@pytest.mark.edge_case("Arguments")
def test_arguments_stay_as_they_were(submission):
    """Labels, scores and costs are not written to."""
    y_true, y_score = np.array([0, 1, 0, 1, 1]), np.array([0.7, 0.4, 0.1, 0.9, 0.8])
    seen = submission.optimal_threshold.observe(y_true, y_score)
    assert_close(seen.value, (0.4, 6 / 7), what="the answer")
    seen.assert_unchanged()
    seen = submission.optimal_threshold.observe(y_true, y_score, costs=np.array([[0.0, 2.0], [1.0, 0.0]]))
    assert_close(seen.value, (0.8, 0.2), what="the answer with costs")
    seen.assert_unchanged()


def many_scores(rng, n):
    y_score = rng.normal(size=n)
    return (y_score + rng.normal(size=n) > 0.5).astype(int), y_score


def judge_accuracy(result, y_true, y_score):
    order = np.argsort(-y_score)
    gain = np.cumsum(np.where(y_true[order] == 1, 1, -1))
    best = ((y_true == 0).sum() + max(gain.max(), 0)) / len(y_true)
    assert_close(result[1], best, rtol=1e-9, what="the accuracy")
    assert_close(((y_score >= result[0]) == y_true).mean(), best, rtol=1e-9, what="the accuracy at the threshold")


@pytest.mark.performance("Speed")
def test_growth(submission, measure):
    """The time grows like n log n up to a million scores, not like n squared."""
    measure.growth(
        "optimal_threshold",
        many_scores,
        (2**13, 2**17, 2**20),
        at_most=0.25,
        judge=judge_accuracy,
        options={"metric": "accuracy"},
        hint="sort once and keep running counts, instead of counting anew for each threshold",
    )


@pytest.mark.performance("Speed")
def test_cpu_time(submission, measure):
    """65,536 scores cost at most 50 times the CPU time of our own solution."""
    measure.cpu_ratio(
        "optimal_threshold",
        lambda rng: many_scores(rng, 2**16),
        at_most=50,
        judge=judge_accuracy,
        options={"metric": "accuracy"},
        hint="sort once and keep running counts, instead of counting anew for each threshold",
    )
