"""Hidden checks of stratified_kfold."""

import itertools
import random
from collections import Counter

import numpy as np
import pytest

from mlkata.compare import assert_equal, assert_true, raises


def fold_numbers(found, n, n_splits, where=""):
    """The test fold of each sample, after a look at the form of the result and at the partition."""
    pairs = isinstance(found, (list, tuple)) and all(isinstance(p, (list, tuple)) and len(p) == 2 for p in found)
    assert_true(pairs, "the result must be a list of pairs (train, test)")
    assert_equal(len(found), n_splits, what=f"the number of folds{where}")
    fold = np.full(n, -1)
    for number, pair in enumerate(found):
        train, test = (np.asarray(part) for part in pair)
        for name, part in (("train", train), ("test", test)):
            whole = part.ndim == 1 and (part.dtype.kind in "iu" or not part.size)
            assert_true(whole, f"{name} must be a one-dimensional array of integers", f"got dtype {part.dtype}")
            assert_true((np.diff(part.astype(int)) > 0).all(), f"the indices of {name} must ascend{where}")
        test = test.astype(int)
        inside = bool(((test >= 0) & (test < n)).all())
        assert_true(inside, f"an index of test lies outside of y{where}")
        assert_true((fold[test] == -1).all(), f"a sample is in more than one test fold{where}")
        fold[test] = number
        rest = np.flatnonzero(fold != number)
        assert_true(np.array_equal(train, rest), f"train must hold every index that test does not hold{where}")
    assert_true((fold >= 0).all(), f"a sample is in no test fold{where}")
    return fold


def assert_balanced(fold, y, n_splits, where=""):
    """Each class, and all samples together, are spread over the folds to within one."""
    labels = np.asarray(y).tolist()
    counts = Counter(zip(labels, fold.tolist(), strict=True))
    for label in sorted(set(labels)):
        held = [counts[label, k] for k in range(n_splits)]
        broken = f"the samples of a class are spread unevenly over the test folds{where}"
        assert_true(max(held) - min(held) <= 1, broken, f"of class {label!r} the folds have {held}")
    sizes = np.bincount(fold, minlength=n_splits)
    broken = f"the test folds differ in size by more than one{where}: where do the odd samples of each class go?"
    assert_true(sizes.max() - sizes.min() <= 1, broken, f"sizes {sizes.tolist()}")


def check(submission, y, n_splits, where="", **options):
    """The fold of each sample, once all is as the prompt says."""
    fold = fold_numbers(submission.stratified_kfold(y, n_splits, **options), len(y), n_splits, where)
    assert_balanced(fold, y, n_splits, where)
    return fold


def uneven(rng, n, shares=(6, 3, 1)):
    """Labels 0, 1, 2, ... in random order, with uneven shares; each occurs."""
    y = rng.choice(len(shares), size=n, p=np.array(shares) / sum(shares))
    y[: len(shares)] = range(len(shares))
    return rng.permutation(y)


@pytest.mark.correctness("Result", "Partition")
@pytest.mark.parametrize(("n", "n_splits"), [(20, 2), (31, 5), (47, 10)])
def test_partition(submission, rng, n, n_splits):
    """Every sample is tested once, and train and test of a fold are all the samples, in ascending order."""
    y = uneven(rng, n)
    for options in ({}, {"shuffle": True, "seed": 7}):
        fold_numbers(submission.stratified_kfold(y, n_splits, **options), n, n_splits)


@pytest.mark.correctness("Result", "Classes", "Sizes")
def test_five_folds_by_default(submission, rng):
    """Without n_splits there are five folds, and n_splits may be given by name."""
    y = uneven(rng, 40)
    assert_balanced(fold_numbers(submission.stratified_kfold(y), 40, 5), y, 5)
    assert_balanced(fold_numbers(submission.stratified_kfold(y=y, n_splits=3), 40, 3), y, 3)


@pytest.mark.correctness("Classes", "Sizes")
@pytest.mark.parametrize("n_splits", [2, 3, 5, 8])
def test_classes_are_spread(submission, rng, n_splits):
    """Each class is spread over the folds to within one sample, whatever the order of the labels."""
    for y in (uneven(rng, 53), np.sort(uneven(rng, 61)), np.sort(uneven(rng, 44))[::-1]):
        check(submission, y, n_splits)


@pytest.mark.correctness("Sizes", "Classes")
def test_odd_samples(submission, rng):
    """Many classes with a sample left over do not make one fold larger than the others."""
    check(submission, rng.permutation(np.repeat(np.arange(7), 11)), 5)
    check(submission, rng.permutation(np.repeat(np.arange(6), [4, 7, 10, 13, 5, 8])), 3)
    check(submission, np.repeat(np.arange(9), 4), 5, shuffle=True, seed=3)


@pytest.mark.correctness("Classes", "Sizes", "Shuffle")
@pytest.mark.parametrize("n_splits", [2, 5, 7])
def test_shuffled_folds_are_balanced(submission, rng, n_splits):
    """Shuffled folds keep to the same rules, for every seed."""
    y = uneven(rng, 58, shares=(5, 4, 3, 2))
    for seed in (0, 1, 2, 3, 12345, 2**32 - 1):
        check(submission, y, n_splits, " of shuffled folds", shuffle=True, seed=seed)


@pytest.mark.correctness("Seed", "No shuffle")
def test_same_seed_same_folds(submission, rng):
    """The same seed gives the same folds, another seed others; without shuffling the seed says nothing."""
    y = uneven(rng, 60)
    folds = {}
    for seed in (0, 1, 42):
        folds[seed] = check(submission, y, 4, shuffle=True, seed=seed)
        again = check(submission, y, 4, shuffle=True, seed=seed)
        assert_equal(again, folds[seed], what=f"the array of folds at the second call with seed={seed}")
    for one, other in itertools.combinations(folds, 2):
        differ = not np.array_equal(folds[one], folds[other])
        assert_true(differ, "different seeds must shuffle in different ways", f"seeds {one} and {other} do not")
    plain = check(submission, y, 4)
    assert_equal(check(submission, y, 4), plain, what="the array of folds at the second call without shuffling")
    assert_equal(check(submission, y, 4, seed=9), plain, what="the array of folds with a seed but without shuffling")


def drive_seeds(module, y, n_splits, seeds):
    """[stratified_kfold(y, n_splits, shuffle=True, seed=seed) for seed in seeds]"""
    return [module.stratified_kfold(y, n_splits, shuffle=True, seed=seed) for seed in seeds]


N_DRAWS = 200


@pytest.mark.correctness("Shuffle", "Seed")
def test_any_two_may_share_a_fold(submission, rng):
    """Any two samples of a class share a fold sometimes, not always and not never, and every fold gets every sample."""
    y = np.array([0] * 12 + [1] * 13)  # both leave samples over: no less by chance than the others
    first = int(rng.integers(2**20))
    found = submission.run(drive_seeds, y, 5, list(range(first, first + N_DRAWS)))
    folds = np.array([fold_numbers(each, 25, 5) for each in found])  # (n_draws, n_samples)
    # A pair of the twelve shares a fold in 9/66 of the draws, 27 +- 5; a sample is in a fold in 2/13 to 3/12, 31 to 50.
    for one, other in itertools.combinations(range(12), 2):
        together = int((folds[:, one] == folds[:, other]).sum())
        broken = "every two samples of a class must be equally likely to share a fold when shuffled"
        details = f"samples {one} and {other} of twelve share one in {together} of {N_DRAWS} draws"
        assert_true(2 <= together <= 60, broken, details)
    for sample, fold in itertools.product(range(25), range(5)):
        inside = int((folds[:, sample] == fold).sum())
        broken = "every sample of a class must have the same chance to be in a fold when shuffled"
        assert_true(8 <= inside <= 80, broken, f"sample {sample} is in fold {fold} in {inside} of {N_DRAWS} draws")


@pytest.mark.correctness("Shuffle")
def test_classes_are_shuffled_each_for_itself(submission, rng):
    """What is drawn for one class says nothing about what is drawn for another."""
    y = np.tile([0, 1, 2], 10)
    first = int(rng.integers(2**20))
    found = submission.run(drive_seeds, y, 5, list(range(first, first + N_DRAWS)))
    folds = np.array([fold_numbers(each, 30, 5) for each in found])
    for one, other in itertools.product(range(0, 30, 3), range(1, 30, 3)):
        together = int((folds[:, one] == folds[:, other]).sum())
        broken = "the classes must be shuffled independently of each other"
        details = f"samples {one} and {other}, of two classes, share a fold in {together} of {N_DRAWS} draws"
        assert_true(8 <= together <= 80, broken, details)


@pytest.mark.edge_case("Small classes", "Sizes")
@pytest.mark.parametrize("shuffle", [False, True])
def test_small_classes(submission, rng, shuffle):
    """Classes with fewer samples than folds are spread as well, one sample to a fold."""
    options = {"shuffle": True, "seed": 5} if shuffle else {}
    check(submission, rng.permutation([0] * 20 + [1] * 3 + [2]), 5, **options)
    check(submission, rng.permutation(np.repeat(np.arange(12), 2)), 7, **options)
    check(submission, rng.permutation(17), 4, **options)


@pytest.mark.edge_case("Classes", "Partition")
def test_one_class(submission):
    """With one class the folds are just equally large."""
    check(submission, ["only"] * 11, 4)
    check(submission, np.zeros(11), 3, shuffle=True, seed=0)


@pytest.mark.edge_case("Partition", "Errors")
@pytest.mark.parametrize("n", [2, 9, 300])
def test_as_many_folds_as_samples(submission, n):
    """With as many folds as samples each test fold holds one."""
    y = np.arange(n) % 2
    for options in ({}, {"shuffle": True, "seed": 11}):
        fold = check(submission, y, n, **options)
        assert_equal(sorted(fold.tolist()), list(range(n)), what="the list of folds")


@pytest.mark.edge_case("Labels")
@pytest.mark.parametrize("kind", ["negative", "gaps", "bool", "uint8", "float", "text", "list of text", "strided"])
def test_kinds_of_labels(submission, rng, kind):
    """Negative and huge numbers, booleans, floats and text are labels, in arrays or lists."""
    names = {
        "negative": np.array([-1, 0, -40]),
        "gaps": np.array([10**12, 5, 70_000]),
        "bool": np.array([True, False, True]),
        "uint8": np.array([0, 255, 128], dtype="uint8"),
        "float": np.array([0.25, 0.45, -0.25]),
        "text": np.array(["cat", "a longer name", "é"]),
    }.get(kind, np.array(["x", "y", "z"]))
    y = names[uneven(rng, 50)]
    y = np.repeat(y, 2)[::2] if kind == "strided" else y.tolist() if kind == "list of text" else y
    check(submission, y, 4)
    check(submission, y, 4, shuffle=True, seed=2)


def drive_global_states(module, y, seed):
    """random.seed(3); np.random.seed(4); stratified_kfold(y, 3, shuffle=True, seed=seed), then one number of each"""
    random.seed(3)
    np.random.seed(4)
    found = module.stratified_kfold(y, 3, shuffle=True, seed=seed)
    return found, random.random(), float(np.random.random_sample())


@pytest.mark.edge_case("Random state", "Seed")
@pytest.mark.parametrize("seed", [8, None])
def test_global_random_state(submission, rng, seed):
    """The global random states of numpy and of random are as they were after the call."""
    y = uneven(rng, 30)
    found, number, numpy_number = submission.run(drive_global_states, y, seed)
    assert_balanced(fold_numbers(found, 30, 3), y, 3)
    assert_equal(number, random.Random(3).random(), what="the next number of random.random()")
    expected = float(np.random.RandomState(4).random_sample())
    assert_equal(numpy_number, expected, what="the next number of the global generator of numpy")
    again, _, _ = submission.run(drive_global_states, y, seed)
    same = np.array_equal(fold_numbers(found, 30, 3), fold_numbers(again, 30, 3))
    broken = "without a seed the folds must not follow from the global seed" if seed is None else "the seed must decide"
    assert_true(same == (seed is not None), broken)


@pytest.mark.edge_case("Seed", "Shuffle")
def test_no_seed(submission, rng):
    """Without a seed every call shuffles anew."""
    y = uneven(rng, 60)
    drawn = Counter(tuple(check(submission, y, 4, shuffle=True).tolist()) for _ in range(3))
    assert_true(len(drawn) == 3, "without a seed each call must shuffle in another way")


@pytest.mark.edge_case("Errors")
@pytest.mark.parametrize(
    ("y", "n_splits", "when"),
    [
        ([], 2, "y is empty"),
        (np.array([[0, 1], [1, 0]]), 2, "y has two dimensions"),
        (np.array([[0], [1], [1], [0]]), 2, "y is a column"),
        ([0, 1, 0, 1], 1, "n_splits is 1"),
        ([0, 1, 0, 1], 0, "n_splits is 0"),
        ([0, 1, 0, 1], -2, "n_splits is -2"),
        ([0, 1, 0, 1], 5, "there are five folds for four samples"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_input(submission, y, n_splits, when):
    """Input that makes no sense raises ValueError."""
    with raises(ValueError, when=when):
        submission.stratified_kfold(y, n_splits)


@pytest.mark.edge_case("Arguments")
@pytest.mark.parametrize("shuffle", [False, True])
def test_arguments_stay_as_they_were(submission, shuffle):
    """The labels are not written to."""
    y = np.array([2, 0, 1, 2, 0, 1, 1, 0, 2, 2])
    seen = submission.stratified_kfold.observe(y, 3, shuffle=shuffle, seed=1)
    assert_balanced(fold_numbers(seen.value, 10, 3), y, 3)
    seen.assert_unchanged()


def many_labels(rng):
    return (rng.integers(10, size=20_000),)


def judge_folds(found, y):
    fold = fold_numbers(found, len(y), 5)
    held = np.zeros((5, 10), dtype=int)
    np.add.at(held, (fold, y), 1)
    even = (np.ptp(held, axis=0) <= 1).all() and np.ptp(held.sum(axis=1)) <= 1
    assert_true(even, "the folds of 20,000 samples are not balanced")


@pytest.mark.performance("Speed")
def test_cpu_time(submission, measure):
    """20,000 samples cost at most 200 times the CPU time of our own solution."""
    hint = "note the fold of each sample in an array, instead of searching lists of indices"
    options = {"shuffle": True, "seed": 1}
    measure.cpu_ratio("stratified_kfold", many_labels, at_most=200, judge=judge_folds, options=options, hint=hint)
