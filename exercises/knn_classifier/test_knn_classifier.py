"""Visible examples of knn_classifier: run them with `pytest exercises/knn_classifier`."""

import numpy as np

from mlkata.compare import assert_close, assert_equal

POINTS = np.array([[0.0], [3.0], [7.0], [8.0]])
LABELS = np.array(["b", "a", "a", "c"])


def ask(module, method, queries, options):
    """the method of KNNClassifier(n_neighbors=3, **options), fitted to the points of README.md, for these queries"""
    model = module.KNNClassifier(3, **options)
    model.fit(POINTS, LABELS)
    return getattr(model, method)(queries)


def test_worked_example_neighbours(submission):
    """The worked example of README.md: the query 5 has two training points at distance 2."""
    distances, indices = submission.run(ask, "kneighbors", np.array([[1.0], [5.0]]), {})
    assert_close(distances, [[1.0, 2.0, 6.0], [2.0, 2.0, 3.0]])
    assert_equal(indices, [[0, 1, 2], [1, 2, 3]])


def test_worked_example_votes(submission):
    """Two of the three neighbours of the query 1 are of class a."""
    assert_close(submission.run(ask, "predict_proba", np.array([[1.0]]), {}), [[2 / 3, 1 / 3, 0.0]])
    assert_equal(submission.run(ask, "predict", np.array([[1.0]]), {}), np.array(["a"]))


def test_worked_example_by_distance(submission):
    """By distance, class b wins the query 1; the query 3 lies on a training point."""
    options = {"weights": "distance"}
    proba = submission.run(ask, "predict_proba", np.array([[1.0], [3.0]]), options)
    assert_close(proba, [[0.4, 0.6, 0.0], [1.0, 0.0, 0.0]])
    assert_equal(submission.run(ask, "predict", np.array([[1.0], [3.0]]), options), np.array(["b", "a"]))
