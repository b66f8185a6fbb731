"""Hidden checks of classification_metrics."""

import numpy as np
import pytest

from mlkata.compare import assert_close, assert_shape, assert_true, raises

TIGHT = {"rtol": 1e-9, "atol": 1e-12}
NAMES = ("precision", "recall", "F-beta")


def fractions(y_true, y_pred, label):
    """TP, FP and FN of one class, sample by sample."""
    pairs = list(zip(y_true, y_pred, strict=True))
    tp = sum(a == label and b == label for a, b in pairs)
    return tp, sum(b == label for _, b in pairs) - tp, sum(a == label for a, _ in pairs) - tp


def scores(tp, fp, fn, beta, zero_division):
    b2 = beta * beta
    parts = [(tp, tp + fp), (tp, tp + fn), ((1 + b2) * tp, (1 + b2) * tp + b2 * fn + fp)]
    return [part / whole if whole else zero_division for part, whole in parts]


def expected_scores(y_true, y_pred, *, beta=1.0, average=None, labels=None, zero_division=0.0):
    """The three scores by the formulas of the prompt, in plain Python."""
    y_true, y_pred = list(y_true), list(y_pred)
    classes = sorted(set(y_true) | set(y_pred)) if labels is None else list(labels)
    counts = [fractions(y_true, y_pred, label) for label in classes]
    if average == "micro":
        return scores(*(sum(column) for column in zip(*counts, strict=True)), beta, zero_division)
    table = [scores(*row, beta, zero_division) for row in counts]
    columns = [list(column) for column in zip(*table, strict=True)]
    if average is None:
        return columns
    weights = [1 if average == "macro" else tp + fn for tp, _, fn in counts]
    if not sum(weights):
        return [zero_division] * 3
    return [sum(w * s for w, s in zip(weights, column, strict=True)) / sum(weights) for column in columns]


def assert_scores(found, expected, where=""):
    """Three results, each with the right shape and values."""
    triple = isinstance(found, (tuple, list, np.ndarray)) and np.ndim(found) and len(found) == 3
    assert_true(triple, "the result must be a tuple of three: precision, recall, F-beta")
    for name, score, right in zip(NAMES, found, expected, strict=True):
        assert_shape(score, np.shape(right), what=f"the {name}{where}")
        assert_close(score, right, **TIGHT, what=f"the {name}{where}")


def compare(submission, y_true, y_pred, where="", **options):
    found = submission.precision_recall_fbeta(y_true, y_pred, **options)
    assert_scores(found, expected_scores(y_true, y_pred, **options), where)


def draw(rng, names="dbca", n=60):
    """Labels of uneven classes, of which the last is the rarest, and predictions that miss some of each."""
    names = list(names)
    true = [*rng.choice(len(names), size=n, p=np.arange(len(names), 0, -1) / sum(range(len(names) + 1))), 0, 1, 2, 3, 3]
    said = [int(place) if rng.random() < 0.6 else int(rng.integers(len(names))) for place in true[:-5]]
    said += [0, 1, 3, 3, 0]
    return [names[place] for place in true], [names[place] for place in said]


@pytest.mark.correctness("Counts", "Classes", "Result")
def test_scores_of_each_class(submission, rng):
    """By default there are three arrays, with precision, recall and F1 of every class, the classes sorted."""
    y_true, y_pred = draw(rng)
    compare(submission, y_true, y_pred, " of each class")
    found = submission.precision_recall_fbeta(["b", "b", "a", "b"], ["b", "a", "a", "b"])
    assert_scores(found, [[1 / 2, 1.0], [1.0, 2 / 3], [2 / 3, 4 / 5]], " of each class")


@pytest.mark.correctness("F-beta")
@pytest.mark.parametrize("beta", [0.5, 2, 2.5, 100])
def test_beta(submission, rng, beta):
    """A beta above 1 makes recall count more, one below 1 precision."""
    y_true, y_pred = draw(rng)
    compare(submission, y_true, y_pred, f" of each class with beta={beta}", beta=beta)


@pytest.mark.correctness("Averages", "Result")
def test_macro(submission, rng):
    """Macro is the plain mean of each score over the classes, of F-beta too."""
    for beta in (1.0, 0.5):
        y_true, y_pred = draw(rng)
        compare(submission, y_true, y_pred, " averaged as macro", average="macro", beta=beta)


@pytest.mark.correctness("Averages", "Result")
def test_weighted(submission, rng):
    """Weighted is the mean over the classes, each weighted by its number of true samples."""
    for beta in (1.0, 2.0):
        y_true, y_pred = draw(rng)
        compare(submission, y_true, y_pred, " averaged as weighted", average="weighted", beta=beta)


@pytest.mark.correctness("Averages", "Result")
def test_micro(submission, rng):
    """Micro adds up the counts of all classes first: with all classes it is the accuracy."""
    y_true, y_pred = draw(rng)
    accuracy = np.mean(np.array(y_true) == np.array(y_pred))
    found = submission.precision_recall_fbeta(y_true, y_pred, average="micro", beta=2.0)
    assert_scores(found, [accuracy] * 3, " averaged as micro")


@pytest.mark.correctness("Labels", "Averages")
@pytest.mark.parametrize("average", [None, "macro", "weighted", "micro"])
def test_chosen_labels(submission, rng, average):
    """With labels only these classes are scored, in their order, and errors against other classes count."""
    y_true, y_pred = draw(rng)
    for labels in (["c", "a"], ("d", "b", "c"), np.array(["b"])):
        compare(submission, y_true, y_pred, f" of the classes {list(labels)}", average=average, labels=labels, beta=2.0)


@pytest.mark.edge_case("Classes", "Zero by zero")
@pytest.mark.parametrize("average", [None, "macro", "weighted", "micro"])
def test_classes_on_one_side_only(submission, average):
    """A class that is only predicted, and one that is never predicted, are classes like any other."""
    y_true, y_pred = [3, 3, 3, 7, 7, 5, 3], [3, 9, 3, 7, 3, 7, 9]
    compare(submission, y_true, y_pred, average=average)
    compare(submission, y_pred, y_true, average=average, beta=0.5)


@pytest.mark.edge_case("Zero by zero", "Averages")
@pytest.mark.parametrize("zero_division", [1.0, 0.25, 0, -1])
def test_zero_division(submission, zero_division):
    """Each fraction 0/0 counts as zero_division, in the averages too, and no other fraction does."""
    y_true, y_pred = [3, 3, 3, 7, 7, 5, 3], [3, 9, 3, 7, 3, 7, 9]
    for options in ({}, {"labels": [4, 5, 3, 9]}):
        for average in (None, "macro", "weighted"):
            where = f" with zero_division={zero_division} and average={average!r}"
            compare(submission, y_true, y_pred, where, average=average, zero_division=zero_division, **options)


@pytest.mark.edge_case("Zero by zero", "F-beta")
def test_f_of_a_class_without_hits(submission):
    """A class that is never right has an F-beta of 0: its denominator is not 0, whatever precision and recall are."""
    for zero_division in (0.0, 1.0):
        found = submission.precision_recall_fbeta([0, 0, 1, 2], [1, 2, 0, 2], zero_division=zero_division, beta=2.0)
        assert_scores(found, [[0.0, 0.0, 0.5], [0.0, 0.0, 1.0], [0.0, 0.0, 5 / 6]], " of each class")


@pytest.mark.edge_case("F-beta", "Zero by zero")
def test_beta_of_zero(submission, rng):
    """With beta = 0 F-beta is the precision, also where that is 0/0."""
    compare(submission, *draw(rng), " of each class with beta=0", beta=0)
    compare(submission, [1, 2, 2, 4], [1, 1, 2, 2], " of each class with beta=0", beta=0.0, zero_division=1.0)


@pytest.mark.edge_case("Zero by zero", "Labels", "Averages")
@pytest.mark.parametrize("average", [None, "macro", "weighted", "micro"])
def test_labels_that_do_not_occur(submission, average):
    """Labels without true samples, and labels that occur nowhere, have scores, and their averages are no NaN."""
    y_true, y_pred = [1, 1, 2, 1], [1, 3, 2, 3]
    for labels in ([3, 8], [8], [8, 2], [3]):
        for zero_division in (0.0, 0.5):
            options = {"labels": labels, "zero_division": zero_division, "average": average}
            compare(submission, y_true, y_pred, f" with labels={labels}, zero_division={zero_division}", **options)


@pytest.mark.edge_case("Input", "Classes")
@pytest.mark.parametrize("average", [None, "macro", "micro"])
def test_one_class_and_one_sample(submission, average):
    """One class, or one sample, right or wrong, needs nothing special."""
    for y_true, y_pred in (([1, 1, 1], [1, 1, 1]), ([0], [0]), ([0], [1]), ([-5], [-7])):
        compare(submission, y_true, y_pred, f" of y_true={y_true}, y_pred={y_pred}", average=average)


@pytest.mark.edge_case("Input", "Classes")
@pytest.mark.parametrize("kind", ["negative", "gaps", "bool", "uint8", "float", "text", "strided", "tuples"])
def test_kinds_of_labels(submission, rng, kind):
    """Negative and huge integers, booleans, small dtypes, floats, text, non-contiguous arrays and tuples serve."""
    names = {
        "negative": [-1, 0, 3, -40],
        "gaps": [2**60, 5, 2**60 + 1, 12],
        "bool": [True, False, False, True],
        "uint8": [0, 255, 128, 7],
        "float": [0.5, -0.5, 2.0, 1e6],
        "text": ["spam", "ham", "a longer name", "é"],
    }.get(kind, [4, 2, 9, 1])
    y_true, y_pred = draw(rng, names)
    options = {"average": "weighted"} if kind == "tuples" else {}
    expected = expected_scores(y_true, y_pred, **options)
    given = [np.array(y_true), np.array(y_pred)]
    if kind == "uint8":
        given = [part.astype("uint8") for part in given]
    if kind == "strided":
        given = [np.repeat(given[0], 2)[::2], given[1][::-1].copy()[::-1]]
    if kind == "tuples":
        given = [tuple(y_true), tuple(y_pred)]
    assert_scores(submission.precision_recall_fbeta(*given, **options), expected)


@pytest.mark.edge_case("Input", "Labels")
def test_two_dtypes(submission):
    """Both sides and the chosen labels may differ in dtype, and one of them may be a list."""
    y_true, y_pred = np.array([2, 2, 5, 2, 5], dtype=np.int8), np.array([2, 258, 5, 258, 2])
    expected = expected_scores(y_true.tolist(), y_pred.tolist())
    assert_scores(submission.precision_recall_fbeta(y_true, y_pred), expected, " of int8 and int64")
    assert_scores(submission.precision_recall_fbeta(y_true.tolist(), y_pred), expected, " of a list and an array")
    y_true, y_pred, labels = ["cat", "cat", "dog", "cow"], ["cat", "catfish", "dog", "dogfish"], ["dogfish", "cat"]
    for options in ({}, {"labels": labels}, {"labels": np.array(labels), "average": "micro"}):
        found = submission.precision_recall_fbeta(np.array(y_true), np.array(y_pred), **options)
        options = {name: list(value) if name == "labels" else value for name, value in options.items()}
        assert_scores(found, expected_scores(y_true, y_pred, **options), " of short and long names")


@pytest.mark.edge_case("Counts", "Result")
def test_many_samples(submission):
    """Counts of more than 100,000 samples are exact."""
    y_true = np.repeat(np.array([1, 0, 1, 0], dtype=np.int8), [70_000, 60_001, 3, 40_000])
    y_pred = np.repeat(np.array([1, 1, 0, 0], dtype=np.int8), [70_000, 60_001, 3, 40_000])
    expected = np.transpose([scores(40_000, 3, 60_001, 1.0, 0.0), scores(70_000, 60_001, 3, 1.0, 0.0)])
    assert_scores(submission.precision_recall_fbeta(y_true, y_pred), expected, " of each class")


@pytest.mark.edge_case("Errors")
@pytest.mark.parametrize(
    ("y_true", "y_pred", "options", "when"),
    [
        ([], [], {}, "there are no samples"),
        ([], [], {"labels": [0, 1]}, "there are no samples, though labels are given"),
        ([0, 1, 1], [0, 1], {}, "the lengths differ"),
        ([0, 1, 1], [1], {}, "y_pred has length 1, y_true has not"),
        ([1], [0, 1, 1], {}, "y_true has length 1, y_pred has not"),
        (np.array([0, 1, 1]), np.array([[0], [1], [1]]), {}, "y_pred is a column"),
        (np.array([[0, 1], [1, 1]]), np.array([[0, 1], [0, 1]]), {}, "y_true and y_pred have two dimensions"),
        ([0, 1], [0, 1], {"labels": []}, "labels is empty"),
        ([0, 1], [0, 1], {"beta": -1.0}, "beta is -1"),
        ([0, 1], [0, 1], {"average": "binary"}, "average is 'binary'"),
        ([0, 1], [0, 1], {"average": "Macro"}, "average is 'Macro'"),
        ([0, 1], [0, 1], {"average": ""}, "average is empty"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_input(submission, y_true, y_pred, options, when):
    """Input that makes no sense raises ValueError."""
    with raises(ValueError, when=when):
        submission.precision_recall_fbeta(y_true, y_pred, **options)


@pytest.mark.edge_case("Arguments")
def test_arguments_stay_as_they_were(submission):
    """Labels on both sides, and the classes asked for, are not written to."""
    y_true, y_pred, labels = np.array([2, 0, 1, 2, 0]), np.array([2, 1, 1, 0, 0]), np.array([2, 0])
    seen = submission.precision_recall_fbeta.observe(y_true, y_pred, labels=labels)
    assert_scores(seen.value, [[1.0, 0.5], [0.5, 0.5], [2 / 3, 0.5]], " of each class")
    seen.assert_unchanged()
