"""A class without as many neighbours as are asked for is an error; what else is given is right."""

import numpy as np

CAUGHT_BY = ("test_classes_smaller_than_k", "test_bad_input")


def smote(X, y, *, k_neighbors=5, seed=None):
    X, y = np.array(X, dtype=np.float64), np.array(y)
    if k_neighbors < 1:
        raise ValueError(f"k_neighbors must be at least 1, found {k_neighbors}")
    rng = np.random.default_rng(seed)
    classes, counts = np.unique(y, return_counts=True)
    missing = counts.max() - counts
    if ((counts == 1) & (missing > 0)).any():
        raise ValueError("a class with a single row has no neighbours to go to")
    rows, labels = [X], [y]
    for name, n_new in zip(classes[missing > 0], missing[missing > 0], strict=True):
        rows.append(_between_neighbours(X[y == name], n_new, k_neighbors, rng))
        labels.append(np.full(n_new, name, dtype=y.dtype))
    return np.concatenate(rows), np.concatenate(labels)


def _between_neighbours(own, n_new, k_neighbors, rng):
    k = k_neighbors
    if k >= len(own):
        raise ValueError("too few rows for so many neighbours")
    squared = sum((column[:, None] - column) ** 2 for column in own.T)  # (n_own, n_own)
    np.fill_diagonal(squared, np.inf)
    nearest = np.argpartition(squared, k - 1, axis=1)[:, :k]
    start = rng.integers(len(own), size=n_new)
    end = nearest[start, rng.integers(k, size=n_new)]
    gap = rng.random((n_new, 1))
    return own[start] + gap * (own[end] - own[start])
