"""Visible examples of decision_tree: run them with `pytest exercises/decision_tree`."""

from mlkata.compare import assert_close, assert_equal

X, Y = [[1.0], [2.0], [4.0], [6.0]], ["a", "a", "b", "a"]


def grow(module, options, queries):
    """DecisionTree(**options), fitted to the samples of README.md: depth, leaves, predict_proba and predict"""
    tree = module.DecisionTree(**options)
    tree.fit(X, Y)
    return tree.get_depth(), tree.get_n_leaves(), tree.predict_proba(queries), list(tree.predict(queries))


def test_worked_example_split(submission):
    """The best split of README.md's samples lies at 3."""
    assert_close(submission.best_split(X, Y), (0, 3.0, 0.125), what="the best split")


def test_worked_example_tree(submission):
    """The full tree has three leaves, and 4.5 comes to that of class b."""
    depth, n_leaves, proba, labels = submission.run(grow, {}, [[0.0], [4.5]])
    assert_equal((depth, n_leaves), (2, 3), what="the pair of depth and number of leaves")
    assert_close(proba, [[1.0, 0.0], [0.0, 1.0]], what="the array of probabilities")
    assert_equal([str(label) for label in labels], ["a", "b"], what="the list of labels")


def test_worked_example_of_depth_one(submission):
    """With max_depth=1 the right leaf holds one sample of each class."""
    depth, n_leaves, proba, labels = submission.run(grow, {"max_depth": 1}, [[4.5]])
    assert_equal((depth, n_leaves), (1, 2), what="the pair of depth and number of leaves")
    assert_close(proba, [[0.5, 0.5]], what="the array of probabilities")
    assert_equal([str(label) for label in labels], ["a"], what="the list of labels")
