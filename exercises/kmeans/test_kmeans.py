"""Visible examples of kmeans: run them with `pytest exercises/kmeans`."""

from mlkata.compare import assert_close, assert_equal

X = [[0.0], [1.0], [8.0], [9.0]]


def run_from(module, init):
    """KMeans(2, init=init).fit(X) for the samples of README.md: labels_, cluster_centers_, inertia_, n_iter_"""
    model = module.KMeans(2, init=init)
    model.fit(X)
    return list(model.labels_), model.cluster_centers_, model.inertia_, model.n_iter_


def test_worked_example(submission):
    """The worked example of README.md, started from 1 and 2."""
    labels, centers, inertia, n_iter = submission.run(run_from, [[1.0], [2.0]])
    assert_equal([int(label) for label in labels], [0, 0, 1, 1], what="labels_")
    assert_close(centers, [[0.5], [8.5]], what="cluster_centers_")
    assert_close(inertia, 1.0, what="inertia_")
    assert_equal(int(n_iter), 2, what="n_iter_")


def test_worked_example_of_an_empty_cluster(submission):
    """Started from 1 and 100 the second cluster is empty at first."""
    labels, centers, _, n_iter = submission.run(run_from, [[1.0], [100.0]])
    assert_equal([int(label) for label in labels], [0, 0, 1, 1], what="labels_")
    assert_close(centers, [[0.5], [8.5]], what="cluster_centers_")
    assert_equal(int(n_iter), 3, what="n_iter_")


def test_seeds_are_different_rows(submission):
    """Of two points, one of which occurs three times, both are drawn."""
    drawn = submission.kmeans_plusplus([[4.0], [4.0], [7.0], [4.0]], 2)
    assert_equal(2 in [int(row) for row in drawn], True, what="the answer to whether row 2 is drawn")
