"""Visible examples of pca: run them with `pytest exercises/pca`."""

from mlkata.compare import assert_close

X = [[0.0, 0.0], [3.0, 4.0], [6.0, 8.0], [3.0, 4.0]]


def fitted(module):
    """PCA().fit(X) for the samples of README.md: mean_, first of components_, explained_variance_, and the ratios"""
    pca = module.PCA()
    pca.fit(X)
    return pca.mean_, pca.components_[0], pca.explained_variance_, pca.explained_variance_ratio_


def there_and_back(module, options, points):
    """pca = PCA(1, **options).fit(X); Z = pca.transform(points); Z and pca.inverse_transform(Z)"""
    pca = module.PCA(1, **options)
    pca.fit(X)
    coordinates = pca.transform(points)
    return coordinates, pca.inverse_transform(coordinates)


def test_worked_example_components(submission):
    """The worked example of README.md: all samples lie on a line."""
    mean, component, variance, ratio = submission.run(fitted)
    assert_close(mean, [3.0, 4.0], what="mean_")
    assert_close(component, [0.6, 0.8], what="the first component")
    assert_close(variance, [50 / 3, 0.0], what="explained_variance_")
    assert_close(ratio, [1.0, 0.0], what="explained_variance_ratio_")


def test_worked_example_coordinates(submission):
    """A sample beside the line comes back as its foot on the line."""
    coordinates, back = submission.run(there_and_back, {}, [[7.0, 1.0], [6.0, 8.0]])
    assert_close(coordinates, [[0.0], [5.0]], what="the array of coordinates")
    assert_close(back, [[3.0, 4.0], [6.0, 8.0]], what="the array of projected samples")


def test_worked_example_whitened(submission):
    """Whitened coordinates are divided by the standard deviation."""
    coordinates, back = submission.run(there_and_back, {"whiten": True}, [[6.0, 8.0]])
    assert_close(coordinates, [[1.224745]], what="the array of whitened coordinates")
    assert_close(back, [[6.0, 8.0]], what="the array of samples that came back")
